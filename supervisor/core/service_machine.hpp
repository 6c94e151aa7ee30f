// What happens in a deploy, and in everything else that a service lives through: all decisions
// about one service. PURE: no I/O, no clock; step() takes an event and the time, and returns what
// is to be done. Not thread-safe, no blocking, never throws on any sequence of events: what makes
// no sense in a state is dropped or answered with a reason.
//
// Invariants (checked over long random sequences in the tests):
//  - after the first cutover somebody accepts, until the service is stopped or every worker crashed
//  - no generation drains before another one accepts, unless the service is being stopped
//  - at most one generation is not yet the one that serves
//  - whoever is kept warm is let go in the end
//  - each request gets exactly one answer, each deploy exactly one end
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
  TimePoint since;                         // when it entered the role
  std::optional<TimePoint> standby_until;  // none: it is no standby, or a bake keeps it
  std::vector<WorkerView> workers;
  unsigned wanted_workers = 0;
  unsigned restarting = 0;  // crashed workers that wait for their backoff
  bool crash_looping = false;
};

struct ServiceView {
  bool wanted_up = false;
  DeployPhase deploy = DeployPhase::idle;
  GenerationNumber deploy_generation = 0;   // that the deploy brought; 0: none is under way
  std::optional<TimePoint> phase_deadline;  // of the gate, a canary's step, a bake
  bool paused = false;
  std::optional<unsigned> weight;     // percent of the new connections that the candidate gets
  std::optional<TimePoint> retry_at;  // nothing serves, and a deploy is tried again then
  bool crash_looping = false;         // deploys of a service that does not serve fail all the time
  std::vector<GenerationView> generations;  // oldest first
};

class ServiceMachine {
 public:
  // A worker that cuts what is left at its drain deadline needs a moment to say so.
  static constexpr Duration drain_margin{500};
  // How often the numbers of a generation with an ErrorLimit are looked at.
  static constexpr Duration count_interval{1000};

  // `last_generation` is the highest number that was ever used before, by an earlier supervisor.
  explicit ServiceMachine(GenerationNumber last_generation = 0)
      : last_generation_(last_generation) {}

  // What happened, and when. Returns what is to be done, in order.
  std::vector<Action> step(const Event& event, TimePoint now);

  // When TimePassed is to be reported next; empty: nothing waits.
  std::optional<TimePoint> next_deadline() const;

  ServiceView view(TimePoint now) const;

  // The number that the generation of a request will have that waits for its turn; 0: it does not.
  GenerationNumber number_to_be(RequestId request) const;

 private:
  struct Worker {
    WorkerId id = 0;
    WorkerPhase phase = WorkerPhase::starting;
    TimePoint started;
    TimePoint since;
    std::optional<TimePoint> deadline;
    bool retired = false;   // its end is expected and nobody takes its place
    std::string trouble{};  // why it failed, once known; its exit only confirms it
    bool can_return = false;
    unsigned unacknowledged = 0;  // orders to accept that it has not answered yet
    // Health
    bool probe_open = false;  // an answer is awaited
    std::optional<TimePoint> probe_at{};
    unsigned passed = 0;  // probes, in a row
    unsigned missed = 0;
    // Numbers, as of the last count
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
  };
  struct Generation {
    GenerationNumber number = 0;
    GenerationRole role = GenerationRole::candidate;
    TimePoint since;
    RequestId plan = 0;
    ServicePolicy policy;
    RestartPolicy restarts;
    // A worker that leaves before its generation does leaves its connections to its siblings.
    GenerationNumber taker = 0;        // who gets their connections; 0: nobody
    GenerationNumber drains_for = 0;   // whose deploy made it drain
    Backlog backlog = Backlog::leave;  // for those that are told to drain
    Lanes lanes{};                     // that it accepts from
    std::uint64_t handed_over = 0;     // connections, by workers that are drained
    std::optional<TimePoint> standby_until{};
    std::vector<Worker> workers{};
    std::vector<TimePoint> restarts_due{};
  };
  struct Plan {
    RequestId request = 0;
    ServicePolicy policy;
  };
  // The deploy under way: from its begin until its bake is over.
  struct Deploy {
    DeployPhase phase = DeployPhase::idle;
    GenerationNumber generation = 0;
    std::optional<RequestId> request{};     // none: a retry that nobody waits for
    std::optional<TimePoint> deadline{};    // of the gate, the canary's step, the bake
    std::optional<Duration> paused_with{};  // what was left of it
    bool split = false;                     // each of two generations has a lane of its own
    std::optional<std::size_t> step{};      // of the canary; none: its lanes are being prepared
    std::string last_trouble{};  // what the last probe that failed has said, or who died returning
    // How it ends, when it is taken back
    Outcome ending = Outcome::failed;
    std::string reason{};
    GenerationNumber back_to = 0;
    std::vector<RequestId> enders{};  // the requests that have ended it
    Account account{};
    // Answers since the last look at their errors
    std::optional<TimePoint> count_at{};
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
  };
  // A deploy that was cut over, but is not over: it bakes, or its predecessors drain.
  struct OpenDeploy {
    GenerationNumber generation = 0;
    std::optional<RequestId> request{};
    Account account{};
    std::string trouble{};
    std::optional<Outcome> ending{};  // it was taken back
    std::string reason{};
  };
  // A request to take a deploy back, which waits until what it has ended is gone.
  struct OpenRequest {
    RequestId request = 0;
    GenerationNumber gone = 0;
    GenerationNumber serving = 0;
    std::string reason{};
  };
  struct Retry {
    TimePoint due;
    Plan plan;
  };
  struct Scaling {
    RequestId request = 0;
    unsigned workers = 0;
  };

  // Requests
  void on(const DeployRequested& event);
  void on(const StartRequested& event);
  void on(const RestartRequested& event);
  void on(const StopRequested& event);
  void on(const ScaleRequested& event);
  void on(const RollbackRequested& event);
  void on(const SteerRequested& event);
  void on(const StopNowRequested& event);
  // Workers
  void on(const WorkerConnected& event);
  void on(const WorkerReady& event);
  void on(const WorkerAccepting& event);
  void on(const WorkerDrained& event);
  void on(const WorkerProbed& event);
  void on(const WorkerCounted& event);
  void on(const WorkerFailed& event);
  void on(const WorkerNotStarted& event);
  void on(const WorkerExited& event);
  void on(const TimePassed& event);

  // The way of a deploy: service_machine_deploy.cpp
  std::string why_busy() const;
  void supersede_queue();
  void begin_deploy(const Plan& plan, std::optional<RequestId> request);
  void fail_deploy(const std::string& reason, Outcome ending = Outcome::failed);
  bool advance_deploy();
  bool enter(DeployPhase phase, const std::string& text);
  void let_in();
  void commit();
  void deadline_passed();
  void give_to(GenerationNumber taker);
  void finish_failed_deploy();
  void close_open_deploys();
  bool is_open(const OpenDeploy& open) const;

  // Its canary: service_machine_canary.cpp
  bool canary_is_possible() const;
  void begin_canary();
  bool advance_canary();
  void enter_step(std::size_t step);
  void end_canary();
  void switch_lanes(Generation& generation, Lanes lanes);
  void end_split();
  void promote(const SteerRequested& event);
  void pause(const SteerRequested& event);
  void resume(const SteerRequested& event);
  void abort(const SteerRequested& event);

  // Its bake, and the way back: service_machine_rollback.cpp
  void supersede(Generation& old, const Generation& successor);
  void end_bake();
  void limit_standbys();
  void trouble(const std::string& what);
  Generation* newest_standby();
  void roll_back(Generation& target, const std::string& reason, Outcome ending);
  bool advance_rollback();
  void finish_rollback(Generation& target);
  void give_up_rollback();
  void let_go(Generation& generation, const std::string& why);
  bool make_room();

  // What is asked of a generation on trial: service_machine_trial.cpp
  Generation* on_trial();
  const Generation* on_trial() const;
  bool wants_probes(const Generation& generation) const;
  void begin_probing(Generation& generation, Duration wait);
  bool all_have_passed(const Generation& generation) const;
  void ask_what_is_due(Generation& generation);
  void look_at_errors(const Generation& generation);

  // Stopping
  void stop_all();

  // Workers: service_machine_workers.cpp
  enum class HowItEnded { cleanly, badly, never_began };
  void start_worker(Generation& generation);
  void input(Generation& generation, Worker& worker, WorkerInput what);
  void perform(Generation& generation, Worker& worker, WorkerAction action);
  void worker_failed(Generation& generation, Worker& worker, const std::string& reason);
  void worker_gone(Generation& generation, WorkerId id, const std::string& how, HowItEnded ended,
                   const std::string& last_line = {});
  void count_crash(Generation& generation, const Worker& worker, const std::string& how);
  void retire(Generation& generation, Backlog backlog, GenerationNumber taker);
  void retire_worker(Generation& generation, Worker& worker);
  void overdue(Generation& generation, Worker& worker);
  void adjust_scale();
  void answer_scaling();

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
  const Generation* find_generation(GenerationNumber number) const;
  Generation* current();
  const Generation* current() const;
  const Generation* serving() const;  // current, with a worker that accepts
  Account* account_for(GenerationNumber deploy);
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
  std::vector<OpenDeploy> open_deploys_;
  std::vector<OpenRequest> open_requests_;
  std::vector<RequestId> stop_requests_;
  std::vector<RequestId> plans_;  // known to the runtime, not yet forgotten
};

}  // namespace baton::core
