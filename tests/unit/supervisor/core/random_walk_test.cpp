// A million random steps: requests, workers that behave, lie, die and are late, and a clock that
// jumps. After each step the invariants of service_machine.hpp must hold; at the end everything
// must have been answered once and ended once.
#include "supervisor/core/service_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <random>
#include <set>

namespace baton::core {
namespace {

using std::chrono::milliseconds;

class World {
 public:
  // How often each was seen, over all walks: a walk that never gets there proves nothing.
  struct Seen {
    std::map<DeployPhase, int> phases;
    std::map<Happening, int> happenings;
  };
  explicit World(unsigned seed, Seen& seen) : random_(seed), seen_(seen) {}

  void walk(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i)
      step(random_event());
  }

  // Stops the service with workers that obey, and checks that nothing is left over.
  void come_to_rest() {
    step(request<StopRequested>());
    for (int i = 0; i < 10'000 && !live_.empty(); ++i) {
      if (const auto obeyed = obedience()) {
        step(*obeyed);
      } else {
        pass_to_next_deadline();
      }
    }
    EXPECT_TRUE(live_.empty());
    EXPECT_TRUE(machine_.view(now_).generations.empty());
    EXPECT_FALSE(machine_.next_deadline());
    for (const auto& [id, answers] : answers_)
      EXPECT_EQ(answers, 1) << "request " << id;
    for (const auto& [id, forgotten] : plans_)
      EXPECT_EQ(forgotten, 1) << "plan " << id;
    for (const auto& [generation, ended] : deploys_)
      EXPECT_EQ(ended, 1) << "the deploy of generation " << generation;
  }

 private:
  struct Live {
    GenerationNumber generation = 0;
    bool told_to_end = false;
    bool told_to_drain = false;
    bool told_to_stop = false;
    Lanes lanes;
  };

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  ServicePolicy policy() {
    ServicePolicy policy;
    policy.workers = static_cast<unsigned>(pick(4));  // 0 must not break it either
    policy.ready_timeout = milliseconds{1000};
    policy.drain_timeout = milliseconds{pick(2) * 2000};
    policy.kill_grace = milliseconds{500};
    policy.restart = {milliseconds{100}, milliseconds{3000}, 3, milliseconds{5000}};
    if (pick(3) == 0) policy.health = HealthGate{milliseconds{100}, 2, milliseconds{2000}, 2};
    if (pick(3) == 0) policy.canary = {{5, milliseconds{700}}, {50, milliseconds{300}}};
    policy.two_lanes = pick(4) != 0;
    policy.bake = milliseconds{pick(3) * 1500};
    policy.standby = milliseconds{pick(3) * 2000};
    if (pick(2) == 0) policy.error_limit = ErrorLimit{10, 5};
    return policy;
  }

  template <class Requested>
  Requested request() {
    Requested event;
    event.request = ++last_request_;
    answers_[event.request] = 0;
    if constexpr (requires { event.policy; }) {
      event.policy = policy();
      plans_[event.request] = 0;
    }
    return event;
  }

  // Mostly a worker that lives, now and then one that is gone or never was.
  WorkerId some_worker() {
    if (live_.empty() || pick(20) == 0) return static_cast<WorkerId>(pick(1000));
    return std::next(live_.begin(), pick(static_cast<int>(live_.size())))->first;
  }

  Event random_event() {
    switch (pick(28)) {
      case 0: {
        auto deploy = request<DeployRequested>();
        deploy.when_busy = pick(2) == 0 ? WhenBusy::queue : WhenBusy::refuse;
        return deploy;
      }
      case 1:
        if (pick(6) == 0) return request<StopRequested>();
        if (pick(6) == 0) return request<RestartRequested>();
        if (pick(12) == 0) return StopNowRequested{};
        return request<StartRequested>();
      case 2: {
        auto scale = request<ScaleRequested>();
        scale.workers = static_cast<unsigned>(pick(5));
        return scale;
      }
      case 3:
        return end(some_worker());
      case 4:
        return WorkerFailed{some_worker(), "failed"};
      case 5:
        return WorkerReady{some_worker()};
      case 6:
        return WorkerAccepting{some_worker()};
      case 7:
        return WorkerDrained{some_worker(), 1, static_cast<std::uint64_t>(pick(2))};
      case 8:
        return WorkerConnected{some_worker(), pick(12) != 0};
      case 24: {
        auto steer = request<SteerRequested>();
        steer.what = static_cast<Steer>(pick(4));
        if (pick(4) == 0) steer.generation = static_cast<GenerationNumber>(pick(10));
        return steer;
      }
      case 25: {
        auto rollback = request<RollbackRequested>();
        if (pick(4) == 0) rollback.generation = static_cast<GenerationNumber>(pick(10));
        return rollback;
      }
      case 26:
        return WorkerProbed{some_worker(), "it answered 500"};
      case 27: {
        const auto requests = static_cast<std::uint64_t>(pick(200));
        return WorkerCounted{some_worker(), requests, requests / 5};
      }
      case 9:
      case 10:
        now_ += milliseconds{pick(1500)};
        return TimePassed{};
      default:
        if (const auto obeyed = obedience()) return *obeyed;
        now_ += milliseconds{pick(300)};
        return TimePassed{};
    }
  }

  Event end(WorkerId worker) {
    if (!live_.contains(worker)) return WorkerExited{worker, {false, 1}};
    const bool never_began = pick(8) == 0 && fresh_.contains(worker);
    live_.erase(worker);
    if (never_began) return WorkerNotStarted{worker, "no such program"};
    return WorkerExited{worker,
                        pick(2) == 0 ? ExitStatus{true, SIGKILL} : ExitStatus{false, pick(3)}};
  }

  // What a good worker does next; nothing when all have done what they were told.
  std::optional<Event> obedience() {
    for (const auto& [id, live] : live_) {
      if (live.told_to_end || live.told_to_stop) return end(id);
    }
    if (promises_.empty()) return std::nullopt;
    const auto promise = std::next(promises_.begin(), pick(static_cast<int>(promises_.size())));
    const Event event = *promise;
    promises_.erase(promise);
    return event;
  }

  void pass_to_next_deadline() {
    const auto next = machine_.next_deadline();
    now_ = std::max(now_, next.value_or(now_ + milliseconds{1}));
    step(TimePassed{});
  }

  void step(const Event& event) {
    const bool time_passed = std::holds_alternative<TimePassed>(event);
    const bool ends_service = std::holds_alternative<StopRequested>(event) ||
                              std::holds_alternative<RestartRequested>(event) ||
                              std::holds_alternative<StopNowRequested>(event);
    if (ends_service) served_ = false;
    for (const Action& action : machine_.step(event, now_)) {
      std::visit([this](const auto& wanted) { take(wanted); }, action);
    }
    check_state(time_passed);
  }

  Live& living(WorkerId worker, const char* what) {
    EXPECT_TRUE(live_.contains(worker)) << what << " for worker " << worker << ", which has ended";
    return live_[worker];
  }

  void take(const StartWorker& start) {
    EXPECT_TRUE(started_.insert(start.worker).second) << "a worker id was used twice";
    live_[start.worker] = {start.generation, false, false, false, {}};
    fresh_.insert(start.worker);
    promises_.emplace_back(WorkerConnected{start.worker});
  }
  void take(const SendListeners& send) {
    living(send.worker, "SendListeners");
    fresh_.erase(send.worker);
    promises_.emplace_back(WorkerReady{send.worker});
  }
  void take(const Activate& activate) {
    Live& live = living(activate.worker, "Activate");
    EXPECT_FALSE(live.told_to_stop) << "told to accept when it was told to exit";
    live.told_to_drain = false;
    live.lanes = activate.lanes;
    promises_.emplace_back(WorkerAccepting{activate.worker});
  }
  void take(const Probe& probe) {
    living(probe.worker, "Probe");
    const bool passes = pick(6) != 0;
    promises_.emplace_back(WorkerProbed{
        probe.worker, passes ? std::nullopt : std::optional<std::string>("it is not well")});
  }
  void take(const Count& count) { living(count.worker, "Count"); }
  void take(const SplitLanes& split) { weight_ = split.weight; }
  void take(const EndDeploy& end) {
    EXPECT_EQ(++deploys_.at(end.generation), 1) << "generation " << end.generation;
  }
  void take(const HandOver& hand_over) {
    const Live& giver = living(hand_over.worker, "HandOver");
    EXPECT_FALSE(giver.told_to_stop) << "told to give when it is over";
    EXPECT_GE(hand_over.taker, 1u);
    EXPECT_LE(hand_over.taker, last_generation_);
  }
  void take(const Drain& drain) {
    Live& live = living(drain.worker, "Drain");
    EXPECT_FALSE(live.told_to_drain) << "told to drain twice";
    live.told_to_drain = true;
    promises_.emplace_back(WorkerDrained{drain.worker, 0, 0});
  }
  void take(const Stop& stop) { living(stop.worker, "Stop").told_to_stop = true; }
  void take(const Terminate& terminate) {
    living(terminate.worker, "Terminate").told_to_end = true;
  }
  void take(const Kill& kill) { living(kill.worker, "Kill").told_to_end = true; }
  void take(const Answer& answer) {
    EXPECT_TRUE(answers_.contains(answer.request));
    EXPECT_EQ(++answers_[answer.request], 1) << "request " << answer.request;
  }
  void take(const BeginGeneration& begin) {
    EXPECT_GT(begin.generation, last_generation_) << "a generation number was used twice";
    last_generation_ = begin.generation;
    deploys_[begin.generation] = 0;
    EXPECT_EQ(plans_.at(begin.plan), 0) << "a plan was used after it was forgotten";
  }
  void take(const EndGeneration& end) {
    for (const auto& [id, live] : live_)
      EXPECT_NE(live.generation, end.generation) << id;
  }
  void take(const ForgetPlan& forget) { EXPECT_EQ(++plans_.at(forget.plan), 1); }
  void take(const Record& record) {
    EXPECT_FALSE(record.text.empty());
    ++seen_.happenings[record.what];
    if (record.what == Happening::cut_over || record.what == Happening::rolled_back) {
      cut_over_ = true;
    }
  }

  void check_state(bool time_passed) {
    const ServiceView view = machine_.view(now_);
    ++seen_.phases[view.deploy];
    const auto count = [&](GenerationRole role) {
      return std::count_if(view.generations.begin(), view.generations.end(),
                           [role](const GenerationView& each) { return each.role == role; });
    };
    EXPECT_LE(count(GenerationRole::candidate), 1);
    EXPECT_LE(count(GenerationRole::current), 1);
    EXPECT_LE(std::count_if(view.generations.begin(), view.generations.end(), stays),
              ServicePolicy{}.max_generations);
    check_guards(view);

    std::size_t workers = 0;
    for (const GenerationView& generation : view.generations) {
      for (const WorkerView& worker : generation.workers) {
        ++workers;
        check_worker(worker, time_passed);
      }
    }
    EXPECT_EQ(workers, live_.size()) << "a started worker is not accounted for";
    check_cutover(view);
  }

  // Not about to exit.
  static bool stays(const GenerationView& generation) {
    return std::any_of(
        generation.workers.begin(), generation.workers.end(),
        [](const WorkerView& worker) { return worker.phase < WorkerPhase::stopping; });
  }

  // Connections are split in a canary only, and who is kept warm is not kept for ever.
  void check_guards(const ServiceView& view) {
    const bool canary =
        view.deploy == DeployPhase::canary || view.deploy == DeployPhase::cutting_over;
    EXPECT_TRUE(canary || weight_ == 0) << to_string(view.deploy);
    const bool kept =
        view.deploy == DeployPhase::baking || view.deploy == DeployPhase::rolling_back;
    for (const GenerationView& generation : view.generations) {
      if (generation.role != GenerationRole::standby) continue;
      EXPECT_TRUE(kept || generation.standby_until) << "generation " << generation.number;
    }
  }

  void check_worker(const WorkerView& worker, bool time_passed) {
    // A ready one waits for its siblings, which have deadlines; a killed one for the kernel.
    const bool waits = worker.phase != WorkerPhase::ready &&
                       worker.phase != WorkerPhase::accepting &&
                       worker.phase != WorkerPhase::standby && worker.phase != WorkerPhase::killing;
    EXPECT_EQ(worker.deadline.has_value(), waits) << to_string(worker.phase);
    if (time_passed && worker.deadline) {
      EXPECT_GT(*worker.deadline, now_) << to_string(worker.phase);
    }
  }

  // Once a generation has taken over, the service has one until it is to stop; and at the moment of
  // the cutover all of it accepts.
  void check_cutover(const ServiceView& view) {
    const auto current = std::find_if(
        view.generations.begin(), view.generations.end(),
        [](const GenerationView& each) { return each.role == GenerationRole::current; });
    if (cut_over_ && current != view.generations.end()) {
      bool any = false;
      for (const WorkerView& worker : current->workers) {
        if (worker.phase != WorkerPhase::accepting) continue;
        any = true;
        EXPECT_TRUE(live_.at(worker.id).lanes.empty()) << "a lane has been forgotten";
      }
      EXPECT_TRUE(any);
    }
    if (cut_over_) served_ = true;
    if (served_) {
      EXPECT_TRUE(current != view.generations.end()) << "nobody serves";
    }
    cut_over_ = false;
  }

  std::mt19937 random_;
  Seen& seen_;
  ServiceMachine machine_;
  TimePoint now_{std::chrono::hours{1}};
  RequestId last_request_ = 0;
  GenerationNumber last_generation_ = 0;
  std::map<WorkerId, Live> live_;
  std::set<WorkerId> started_;
  std::set<WorkerId> fresh_;  // no hello yet
  std::vector<Event> promises_;
  std::map<RequestId, int> answers_;
  std::map<RequestId, int> plans_;
  std::map<GenerationNumber, int> deploys_;
  unsigned weight_ = 0;
  bool cut_over_ = false;
  bool served_ = false;
};

TEST(RandomWalk, AMillionStepsKeepTheInvariants) {
  constexpr unsigned walks = 1000;
  constexpr int steps = 1000;
  World::Seen seen;
  for (unsigned seed = 1; seed <= walks && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, seen);
    world.walk(steps);
    world.come_to_rest();
  }
  for (int phase = 0; phase <= static_cast<int>(DeployPhase::aborting); ++phase) {
    EXPECT_GT(seen.phases[static_cast<DeployPhase>(phase)], 500)
        << to_string(static_cast<DeployPhase>(phase));
  }
  for (int what = 0; what <= static_cast<int>(Happening::service_stopped); ++what) {
    EXPECT_GT(seen.happenings[static_cast<Happening>(what)], 50)
        << to_string(static_cast<Happening>(what));
  }
}

}  // namespace
}  // namespace baton::core
