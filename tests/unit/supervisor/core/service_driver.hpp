// Plays the runtime for a ServiceMachine: a clock that stands until it is told to go, and what the
// machine has asked for. Workers that behave do what a real one would at once.
#pragma once

#include "supervisor/core/service_machine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace baton::core {

class ServiceDriver {
 public:
  // A worker that behaves says hello, ready, accepting and drained, and exits when it is told to.
  enum class Workers { behave, are_silent };
  explicit ServiceDriver(Workers workers = Workers::behave) : workers_(workers) {}

  static ServicePolicy policy(unsigned workers = 1);

  RequestId deploy(unsigned workers = 1, WhenBusy when_busy = WhenBusy::refuse);
  RequestId deploy(const ServicePolicy& policy, WhenBusy when_busy = WhenBusy::refuse);
  RequestId start();
  RequestId stop();
  RequestId restart();
  RequestId scale(unsigned workers);
  RequestId rollback(GenerationNumber generation = 0);
  RequestId steer(Steer what, GenerationNumber generation = 0);

  void send(const Event& event);
  void pass(Duration duration);  // time goes on, and everything due happens in its order
  // The clock goes on in one jump, as after a suspend: what is due in between is found due at its
  // end.
  void leap(Duration duration);
  void behave(Workers workers) { workers_ = workers; }
  // What the health probes of workers that behave say from now on; nothing: they pass.
  void health(std::optional<std::string> trouble) { health_ = std::move(trouble); }

  ServiceMachine& machine() { return machine_; }
  ServiceView view() const { return machine_.view(now_); }
  TimePoint now() const { return now_; }

  // The workers of a generation that have not ended, oldest first.
  std::vector<WorkerId> workers_of(GenerationNumber generation) const;
  WorkerPhase phase_of(WorkerId worker) const;
  std::optional<Answer> answer_to(RequestId request) const;
  std::vector<std::string> records(Happening what) const;
  GenerationNumber current() const;  // 0: none

  template <class Asked>
  std::vector<Asked> asked() const {
    std::vector<Asked> result;
    for (const Action& action : actions_) {
      if (const auto* wanted = std::get_if<Asked>(&action)) result.push_back(*wanted);
    }
    return result;
  }
  void forget_actions() { actions_.clear(); }

 private:
  void perform(const Action& action, std::vector<Event>& follow_up) const;

  Workers workers_;
  std::optional<std::string> health_;
  ServiceMachine machine_;
  TimePoint now_{std::chrono::hours{1}};
  RequestId last_request_ = 0;
  std::vector<Action> actions_;
};

}  // namespace baton::core
