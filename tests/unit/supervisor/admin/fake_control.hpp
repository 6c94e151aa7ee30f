// A supervisor that does nothing: it notes what it is asked, and says what the test has told it to
// say. Used on the io_context's thread only (ServedControl::with() goes there).
#pragma once

#include "supervisor/admin/control.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton::admin {

// Those who want to hear of each T, as long as they hold their Subscription.
template <class T>
class Subscribers {
 public:
  using Callback = std::function<void(const T&)>;

  std::unique_ptr<Subscription> add(Callback callback) {
    auto held = std::make_unique<Held>();
    held->callback = std::make_shared<Callback>(std::move(callback));
    callbacks_.push_back(held->callback);
    return held;
  }

  void tell(const T& value) {
    for (const auto& weak : std::vector(callbacks_)) {
      if (const auto callback = weak.lock()) (*callback)(value);
    }
  }

  std::size_t count() const {
    std::size_t alive = 0;
    for (const auto& weak : callbacks_)
      alive += weak.expired() ? 0 : 1;
    return alive;
  }

 private:
  struct Held final : Subscription {
    std::shared_ptr<Callback> callback;
  };

  std::vector<std::weak_ptr<Callback>> callbacks_;
};

class FakeControl final : public Control {
 public:
  explicit FakeControl(boost::asio::io_context& io) : io_(io) {}

  // What it says.
  Status now;
  std::optional<Error> refusal;  // of operations, signals and reloads
  std::string deploy_id;         // of operations
  std::vector<Event> past_events;
  std::vector<LogLine> past_lines;
  unsigned signalled = 0;
  DryRun plan;                           // of dry runs
  std::vector<DeployRecord> past;        // of the history, newest first
  std::optional<Error> no_history;       // why it can't be read
  std::function<void()> upon_operation;  // runs when operate() has returned

  // What it was asked.
  std::vector<Operation> operations;
  std::vector<std::pair<std::string, int>> signals;
  unsigned status_requests = 0;
  unsigned reloads = 0;
  unsigned shutdowns = 0;
  Peer peer;  // who asked last

  // What happens.
  Subscribers<Event> events;
  Subscribers<LogLine> lines;
  void answer(const Answer& answer);  // the operation that is under way

  void status(std::function<void(Status)> callback) override;
  Result<std::string> operate(const Operation& operation, Peer who,
                              std::function<void(Answer)> callback) override;
  Result<DryRun> dry_run(const Operation& operation, Peer who) override;
  void history(const std::string& service, std::size_t count,
               std::function<void(Result<std::vector<DeployRecord>>)> callback) override;
  void deploy_record(const std::string& id,
                     std::function<void(Result<DeployRecord>)> callback) override;
  Result<unsigned> signal(const std::string& service, int signal_number, Peer who) override;
  Result<void> reload(Peer who) override;
  void shutdown(Peer who) override;
  std::vector<Event> recent_events(std::size_t count) const override;
  std::vector<LogLine> recent_lines(const std::string& service, std::size_t count) const override;
  std::unique_ptr<Subscription> on_event(std::function<void(const Event&)> callback) override;
  std::unique_ptr<Subscription> on_line(std::function<void(const LogLine&)> callback) override;

 private:
  boost::asio::io_context& io_;
  std::function<void(Answer)> answer_;
};

}  // namespace baton::admin
