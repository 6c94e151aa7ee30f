// What the admin API needs from the supervisor: an interface, so that the API never sees the
// runtime's types, and so that its tests need no runtime. Everything is called on the supervisor's
// one thread; callbacks come on it too, never from inside the call that took them.
#pragma once

#include "common/admin/api.hpp"
#include "common/result.hpp"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace baton::admin {

// Who asks (SO_PEERCRED, unix(7)).
struct Peer {
  uid_t uid = 0;
  pid_t pid = 0;
};

// Ends a subscription when it goes.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

class Control {
 public:
  virtual ~Control() = default;

  // Asks every worker for its numbers, waits a moment for those that answer, then calls back once.
  virtual void status(std::function<void(Status)> callback) = 0;

  // Begins an operation; `callback` gets its one answer when it is over (drain included). Returns
  // the deploy's id where the operation begins one at once, else an empty string.
  // Errc::not_found: no such service. Errc::invalid_input: no such release directory, ...
  virtual Result<std::string> operate(const Operation& operation, Peer peer,
                                      std::function<void(Answer)> callback) = 0;

  // What a deploy or a rollback would do, without doing it. Errors as of operate(); what would only
  // refuse it now (a deploy that runs, too little memory) is among its problems.
  virtual Result<DryRun> dry_run(const Operation& operation, Peer peer) = 0;

  // The newest `count` deploys, newest first; an empty service means all. An error when the history
  // can't be read. Errc::not_found: no such deploy.
  virtual void history(const std::string& service, std::size_t count,
                       std::function<void(Result<std::vector<DeployRecord>>)> callback) = 0;
  virtual void deploy_record(const std::string& id,
                             std::function<void(Result<DeployRecord>)> callback) = 0;

  // Sends a signal to the serving workers of a service (not for stopping them). Returns how many.
  virtual Result<unsigned> signal(const std::string& service, int signal_number, Peer peer) = 0;

  // As SIGHUP and SIGTERM. reload() reports every problem of a bad file in one message.
  virtual Result<void> reload(Peer peer) = 0;
  virtual void shutdown(Peer peer) = 0;

  // The newest `count` that are still kept, oldest first; an empty service means all.
  virtual std::vector<Event> recent_events(std::size_t count) const = 0;
  virtual std::vector<LogLine> recent_lines(const std::string& service,
                                            std::size_t count) const = 0;
  virtual std::unique_ptr<Subscription> on_event(std::function<void(const Event&)> callback) = 0;
  virtual std::unique_ptr<Subscription> on_line(std::function<void(const LogLine&)> callback) = 0;
};

}  // namespace baton::admin
