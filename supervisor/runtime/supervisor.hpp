// The supervisor: all services, their listeners, and what operators want of them, by signal or
// through the admin API. One thread: everything is called on the io_context's.
#pragma once

#include "supervisor/admin/control.hpp"
#include "supervisor/config/config.hpp"
#include "supervisor/log/journal.hpp"
#include "supervisor/runtime/alarm.hpp"
#include "supervisor/runtime/launch_plan.hpp"
#include "supervisor/runtime/listener_set.hpp"
#include "supervisor/runtime/orphan_reaper.hpp"
#include "supervisor/runtime/service.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace baton::runtime {

// How deploys are remembered. None of it may block, or fail towards the supervisor.
struct History {
  // Of a service, newest first: asked for once, when the service is first heard of.
  std::function<std::vector<admin::DeployRecord>(const std::string& service)> past;
  DeployLog::Remember remember;
  // For the admin API; callbacks come on the event loop.
  std::function<void(const std::string& service, std::size_t count,
                     std::function<void(Result<std::vector<admin::DeployRecord>>)> callback)>
      recent;
  std::function<void(const std::string& id,
                     std::function<void(Result<admin::DeployRecord>)> callback)>
      find;
};

struct SupervisorSetup {
  std::string version;
  // Reads the config file again. The error's message has every problem, a line each.
  std::function<Result<config::Config>()> load_config;
  Inheritance inheritance;
  History history;
  // Everything is stopped and every listener closed: leave the event loop.
  std::function<void()> on_stopped;
};

inline constexpr unsigned max_workers = 512;  // of one service, as in the config file

class Supervisor final : public admin::Control {
 public:
  Supervisor(boost::asio::io_context& io, log::Journal& journal, SupervisorSetup setup);
  ~Supervisor() override;

  // Binds the listeners and starts the services. An error is about a listener, and nothing is left
  // behind; a service that can't start is an event in the journal, and the others start.
  Result<void> start(config::Config config);

  // HUP: reload. TERM, INT: shut down, the second time without waiting. USR1: reopen the log.
  // CHLD: reap orphans. USR2 is not supported yet, and says so.
  void on_signal(int number);

  // ---- admin::Control
  void status(std::function<void(admin::Status)> callback) override;
  Result<std::string> operate(const admin::Operation& operation, admin::Peer peer,
                              std::function<void(admin::Answer)> callback) override;
  Result<admin::DryRun> dry_run(const admin::Operation& operation, admin::Peer peer) override;
  void history(const std::string& service, std::size_t count,
               std::function<void(Result<std::vector<admin::DeployRecord>>)> callback) override;
  void deploy_record(const std::string& id,
                     std::function<void(Result<admin::DeployRecord>)> callback) override;
  Result<unsigned> signal(const std::string& service, int signal_number, admin::Peer peer) override;
  Result<void> reload(admin::Peer peer) override;
  void shutdown(admin::Peer peer) override;
  std::vector<admin::Event> recent_events(std::size_t count) const override;
  std::vector<admin::LogLine> recent_lines(const std::string& service,
                                           std::size_t count) const override;
  std::unique_ptr<admin::Subscription> on_event(
      std::function<void(const admin::Event&)> callback) override;
  std::unique_ptr<admin::Subscription> on_line(
      std::function<void(const admin::LogLine&)> callback) override;

 private:
  struct Entry {
    std::unique_ptr<Service> service;
    // From the config. It is stopped and no longer shown, but kept: should it come back, its
    // generations go on counting, and no deploy id is used twice.
    bool removed = false;
  };

  Result<void> reload(const std::string& who, const std::string& name);
  void record_bound(const std::vector<std::string>& listeners);
  void apply(config::Config config, const std::string& who);
  void retire_removed_services();
  void deploy(const config::Service& service, const Origin& origin);
  void shutdown(const std::string& who);
  void on_service_stopped();

  std::optional<std::string> memory_shortage(const Service& service) const;
  Entry& entry(const std::string& name);
  Result<Service*> find(const std::string& name);
  Result<LaunchPlan> plan(const std::string& service, const std::string& release) const;
  Result<std::string> roll_back(Service& service, const admin::Operation& operation, Origin origin,
                                std::function<void(admin::Answer)> callback);
  Result<std::string> steer(Service& service, const admin::Operation& operation,
                            std::function<void(admin::Answer)> callback);

  void answer_status_when_complete();
  void answer_status();
  admin::Status present_status() const;

  void reopen_log();
  void record(log::Level level, std::string kind, std::string text, std::string service = {});

  boost::asio::io_context& io_;
  log::Journal& journal_;
  SupervisorSetup setup_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  config::Config config_;
  ListenerSet listeners_;
  OrphanReaper orphans_;
  std::map<std::string, Entry> services_;  // before the listeners go, see shutdown()
  std::size_t services_stopping_ = 0;
  bool shutting_down_ = false;
  std::vector<std::function<void(admin::Status)>> status_waiting_;
  Alarm status_deadline_;
};

}  // namespace baton::runtime
