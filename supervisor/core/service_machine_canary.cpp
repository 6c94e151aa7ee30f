// The canary of a deploy: the candidate accepts from lane 1, the generation before from lane 0, and
// the kernel splits the new connections between them. Outside a canary everything goes to lane 0,
// and whoever serves accepts from both, so nothing that still waits in a lane is ever forgotten.
#include "supervisor/core/service_machine.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {
namespace {

const Lanes all_lanes{};
const Lanes old_lane{0};
const Lanes canary_lane{1};

}  // namespace

bool ServiceMachine::canary_is_possible() const {
  const Generation* const old = serving();
  const Generation& candidate = *find_generation(deploy_.generation);
  return old && old->policy.two_lanes && candidate.policy.two_lanes;
}

void ServiceMachine::begin_canary() {
  Generation& candidate = *find_generation(deploy_.generation);
  deploy_.split = true;
  actions_.emplace_back(SplitLanes{candidate.number, 0});
  switch_lanes(*current(), old_lane);
  candidate.lanes = canary_lane;
  for (Worker& worker : candidate.workers)
    input(candidate, worker, WorkerInput::told_to_accept);
  enter(DeployPhase::canary, "canary: each generation takes a lane");
  begin_probing(candidate,
                candidate.policy.health ? candidate.policy.health->interval : Duration{});
}

// The first step begins when everybody has said that they accept from their own lane.
bool ServiceMachine::advance_canary() {
  if (deploy_.step) return false;
  const auto settled = [](const Generation& generation) {
    return std::none_of(generation.workers.begin(), generation.workers.end(), [](const auto& each) {
      return each.phase == WorkerPhase::activating || each.phase == WorkerPhase::switching;
    });
  };
  const Generation* const old = current();
  if (!settled(*find_generation(deploy_.generation)) || (old && !settled(*old))) return false;
  enter_step(0);
  return true;
}

void ServiceMachine::enter_step(std::size_t step) {
  const Generation& candidate = *find_generation(deploy_.generation);
  if (step >= candidate.policy.canary.size()) return end_canary();
  const CanaryStep& entered = candidate.policy.canary[step];
  deploy_.step = step;
  deploy_.deadline = now_ + entered.duration;
  actions_.emplace_back(SplitLanes{candidate.number, entered.weight});
  record(Happening::canary_step, candidate.number, {},
         "canary: " + std::to_string(entered.weight) +
             " % of the new connections go to generation " + std::to_string(candidate.number) +
             " for " + format_duration(entered.duration));
}

// The candidate takes over the old one's lane; when it has, the old one may drain.
void ServiceMachine::end_canary() {
  deploy_.deadline.reset();
  deploy_.paused_with.reset();
  enter(DeployPhase::cutting_over, "cutting over: the canary is over");
  switch_lanes(*find_generation(deploy_.generation), all_lanes);
}

void ServiceMachine::switch_lanes(Generation& generation, Lanes lanes) {
  generation.lanes = std::move(lanes);
  for (Worker& worker : generation.workers)
    input(generation, worker, WorkerInput::told_to_switch);
}

// Back to where everything goes to lane 0, and the one that serves accepts from both.
void ServiceMachine::end_split() {
  if (!std::exchange(deploy_.split, false)) return;
  actions_.emplace_back(SplitLanes{deploy_.generation, 0});
  if (Generation* const serving = current()) switch_lanes(*serving, all_lanes);
}

// ---- what an operator does to a canary, or a bake

void ServiceMachine::on(const SteerRequested& event) {
  if (deploy_.phase == DeployPhase::idle) {
    return answer(event.request, Outcome::failed, current() ? current()->number : 0,
                  "no deploy is under way");
  }
  if (event.generation != 0 && event.generation != deploy_.generation) {
    return answer(event.request, Outcome::failed, deploy_.generation,
                  "that deploy is not under way; the one of generation " +
                      std::to_string(deploy_.generation) + " is");
  }
  switch (event.what) {
    case Steer::promote:
      return promote(event);
    case Steer::pause:
      return pause(event);
    case Steer::resume:
      return resume(event);
    case Steer::abort:
      return abort(event);
  }
}

void ServiceMachine::promote(const SteerRequested& event) {
  const bool stepping = deploy_.phase == DeployPhase::canary && deploy_.step;
  if (!stepping && deploy_.phase != DeployPhase::baking) {
    return answer(event.request, Outcome::failed, deploy_.generation,
                  std::string("nothing runs that could be cut short: the deploy is ") +
                      to_string(deploy_.phase));
  }
  record(Happening::steered, deploy_.generation, {}, "promoted by an operator");
  answer(event.request, Outcome::done, deploy_.generation, {});
  stepping ? end_canary() : end_bake();
}

void ServiceMachine::pause(const SteerRequested& event) {
  if (!deploy_.deadline || deploy_.phase == DeployPhase::probing) {
    return answer(event.request, Outcome::failed, deploy_.generation,
                  deploy_.paused_with
                      ? "it is paused already"
                      : std::string("no time runs that could stand still: the deploy is ") +
                            to_string(deploy_.phase));
  }
  deploy_.paused_with = std::chrono::ceil<Duration>(*deploy_.deadline - now_);
  deploy_.deadline.reset();
  record(Happening::steered, deploy_.generation, {},
         "paused by an operator, with " + format_duration(*deploy_.paused_with) + " left");
  answer(event.request, Outcome::done, deploy_.generation, {});
}

void ServiceMachine::resume(const SteerRequested& event) {
  if (!deploy_.paused_with) {
    return answer(event.request, Outcome::failed, deploy_.generation, "it is not paused");
  }
  deploy_.deadline = now_ + *std::exchange(deploy_.paused_with, std::nullopt);
  record(Happening::steered, deploy_.generation, {}, "resumed by an operator");
  answer(event.request, Outcome::done, deploy_.generation, {});
}

void ServiceMachine::abort(const SteerRequested& event) {
  const bool ending =
      deploy_.phase == DeployPhase::aborting || deploy_.phase == DeployPhase::rolling_back;
  Generation* const standby = newest_standby();
  if (ending || (deploy_.phase == DeployPhase::baking && !standby)) {
    return answer(
        event.request, Outcome::failed, deploy_.generation,
        ending ? "it is being taken back already" : "there is no generation left to go back to");
  }
  record(Happening::steered, deploy_.generation, {}, "aborted by an operator");
  deploy_.enders.push_back(event.request);
  if (deploy_.phase == DeployPhase::baking) {
    roll_back(*standby, "aborted by an operator", Outcome::aborted);
  } else {
    fail_deploy("aborted by an operator", Outcome::aborted);
  }
}

}  // namespace baton::core
