// What happens in a deploy, and in everything else that a service lives through: all decisions
// about one service. PURE: no I/O, no clock; step() takes an event and the time, and returns what
// is to be done. Not thread-safe, no blocking, never throws on any sequence of events: what makes
// no sense in a state is dropped or answered with a reason.
//
// Invariants (checked over long random sequences in the tests):
//  - after the first cutover somebody accepts, until the service is stopped or every worker crashed
//  - no generation drains before another one accepts, unless the service is being stopped
//  - at most one generation is not yet accepting
//  - each request gets exactly one answer
//  - each started worker ends in exactly one exit
//  - whatever waits has a deadline: next_deadline() is empty only when the service is at rest
#pragma once

#include "supervisor/core/action.hpp"
#include "supervisor/core/event.hpp"
#include "supervisor/core/restart_policy.hpp"
#include "supervisor/core/types.hpp"
#include "supervisor/core/worker_lifecycle.hpp"

#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct WorkerView {
  WorkerId id = 0;
  WorkerPhase phase{};
  TimePoint since;  // when it entered the phase
  std::optional<TimePoint> deadline;
};

struct GenerationView {
  GenerationNumber number = 0;
  GenerationRole role{};
  TimePoint since;  // when it entered the role
  std::vector<WorkerView> workers;
  unsigned wanted_workers = 0;
  unsigned restarting = 0;  // crashed workers that wait for their backoff
  bool crash_looping = false;
};

struct ServiceView {
  bool wanted_up = false;
  DeployPhase deploy = DeployPhase::idle;
  std::optional<TimePoint> retry_at;  // nothing serves, and a deploy is tried again then
  bool crash_looping = false;         // deploys of a service that does not serve fail all the time
  std::vector<GenerationView> generations;  // oldest first
};

class ServiceMachine {
 public:
  // More generations than this never live at once: a deploy that would exceed it waits (or is
  // refused) until the drain of an older one is over.
  static constexpr std::size_t max_generations = 3;
  // A worker that cuts what is left at its drain deadline needs a moment to say so.
  static constexpr Duration drain_margin{500};

  // What happened, and when. Returns what is to be done, in order.
  std::vector<Action> step(const Event& event, TimePoint now);

  // When TimePassed is to be reported next; empty: nothing waits.
  std::optional<TimePoint> next_deadline() const;

  ServiceView view(TimePoint now) const;

 private:
  struct Worker {
    WorkerId id = 0;
    WorkerPhase phase = WorkerPhase::starting;
    TimePoint started;
    TimePoint since;
    std::optional<TimePoint> deadline;
    bool retired = false;  // its end is expected and nobody takes its place
    std::string trouble;   // why it failed, once known; its exit only confirms it
  };
  struct Generation {
    GenerationNumber number = 0;
    GenerationRole role = GenerationRole::candidate;
    TimePoint since;
    RequestId plan = 0;
    ServicePolicy policy;
    RestartPolicy restarts;
    std::vector<Worker> workers;
    std::vector<TimePoint> restarts_due;
    Backlog backlog = Backlog::leave;  // for those that are told to drain
    GenerationNumber taker = 0;        // who gets their connections; 0: nobody
    std::uint64_t handed_over = 0;     // connections, by workers that are drained
  };
  struct Plan {
    RequestId request = 0;
    ServicePolicy policy;
  };
  struct Deploy {
    DeployPhase phase = DeployPhase::idle;
    GenerationNumber generation = 0;
    std::optional<RequestId> request;  // none: a retry that nobody waits for
    std::string failure;
    bool superseded = false;  // the failure is that the service was stopped
  };
  // A committed deploy whose predecessors still drain.
  struct OpenAnswer {
    RequestId request = 0;
    GenerationNumber generation = 0;
    std::string trouble;
  };
  struct Retry {
    TimePoint due;
    Plan plan;
  };
  struct Scaling {
    RequestId request = 0;
    unsigned workers = 0;
  };

  void on(const DeployRequested& event);
  void on(const StartRequested& event);
  void on(const RestartRequested& event);
  void on(const StopRequested& event);
  void on(const ScaleRequested& event);
  void on(const StopNowRequested& event);
  void on(const WorkerConnected& event);
  void on(const WorkerReady& event);
  void on(const WorkerAccepting& event);
  void on(const WorkerDrained& event);
  void on(const WorkerFailed& event);
  void on(const WorkerNotStarted& event);
  void on(const WorkerExited& event);
  void on(const TimePassed& event);

  // Deploys
  std::string why_busy() const;
  void supersede_queue();
  void begin_deploy(const Plan& plan, std::optional<RequestId> request);
  void fail_deploy(const std::string& reason);
  bool advance_deploy();
  void commit();
  void give_to(GenerationNumber taker);
  void finish_failed_deploy();
  void answer_open_deploys();

  // Stopping
  void stop_all();

  // Workers
  enum class HowItEnded { cleanly, badly, never_began };
  void start_worker(Generation& generation);
  void input(Generation& generation, Worker& worker, WorkerInput what);
  void perform(Generation& generation, Worker& worker, WorkerAction action);
  void worker_failed(Generation& generation, Worker& worker, const std::string& reason);
  void worker_gone(Generation& generation, WorkerId id, const std::string& how, HowItEnded ended);
  void count_crash(Generation& generation, const Worker& worker, const std::string& how);
  void retire(Generation& generation, Backlog backlog, GenerationNumber taker);
  void retire_worker(Generation& generation, Worker& worker);
  void overdue(Generation& generation, Worker& worker);
  void adjust_scale();

  // What follows from the state as it is now, until nothing more does.
  void settle();
  bool activate_replacements();
  bool sweep();
  bool begin_next();
  void forget_plans();

  struct Found {
    Generation* generation = nullptr;
    Worker* worker = nullptr;
    explicit operator bool() const { return worker != nullptr; }
  };
  Found find(WorkerId id);
  Generation* find_generation(GenerationNumber number);
  Generation* current();
  const Generation* current() const;
  const Generation* serving() const;  // current, with a worker that accepts
  void answer(RequestId request, Outcome outcome, GenerationNumber generation, std::string reason);
  void record(Happening what, GenerationNumber generation, std::optional<WorkerId> worker,
              std::string text);
  void note_trouble(const std::string& text);

  TimePoint now_;
  std::vector<Action> actions_;

  bool wanted_up_ = false;
  GenerationNumber last_generation_ = 0;
  WorkerId last_worker_ = 0;
  std::vector<Generation> generations_;  // oldest first
  Deploy deploy_;
  std::optional<Plan> queued_;
  std::optional<Plan> start_after_stop_;
  std::optional<Retry> retry_;
  RestartPolicy retries_{RestartLimits{}};
  std::optional<Scaling> scaling_;
  std::vector<OpenAnswer> open_answers_;
  std::vector<RequestId> stop_requests_;
  std::vector<RequestId> plans_;  // known to the runtime, not yet forgotten
};

}  // namespace baton::core
