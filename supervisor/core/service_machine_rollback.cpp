// What becomes of a generation that was superseded: it is kept warm while its successor bakes, and
// for its standby; and how it comes back.
#include "supervisor/core/service_machine.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {
namespace {

bool can_come_back(const auto& worker) {
  const bool warm = worker.phase == WorkerPhase::draining || worker.phase == WorkerPhase::standby;
  return warm && worker.can_return && worker.trouble.empty();
}

}  // namespace

void ServiceMachine::supersede(Generation& old, const Generation& successor) {
  const ServicePolicy& policy = successor.policy;
  const bool wanted = policy.bake > Duration{0} || policy.standby > Duration{0};
  const bool possible = std::any_of(old.workers.begin(), old.workers.end(), [](const auto& each) {
    return accepts(each.phase) && each.can_return && each.trouble.empty();
  });
  old.drains_for = successor.number;
  retire(old, Backlog::leave, successor.number);
  if (!wanted) return;
  if (!possible) {
    record(Happening::went_without, old.number, {},
           "generation " + std::to_string(old.number) +
               " can't be kept warm: its workers can't accept again after a drain");
    return;
  }
  old.role = GenerationRole::standby;
  if (policy.bake > Duration{0}) {
    deploy_.deadline = now_ + policy.bake;
    enter(DeployPhase::baking, "baking for " + format_duration(policy.bake));
  } else {
    old.standby_until = now_ + policy.standby;
  }
}

void ServiceMachine::end_bake() {
  record(Happening::deploy_phase, deploy_.generation, {}, "the bake is over");
  deploy_ = Deploy{};
  limit_standbys();
}

// Those that a bake has kept stay for their standby, if there is to be one.
void ServiceMachine::limit_standbys() {
  const Duration standby = current()->policy.standby;
  for (Generation& generation : generations_) {
    if (generation.role != GenerationRole::standby || generation.standby_until) continue;
    if (standby > Duration{0}) {
      generation.standby_until = now_ + standby;
    } else {
      let_go(generation,
             "generation " + std::to_string(generation.number) + " is not needed any more");
    }
  }
}

// In a canary or a bake: the deploy is taken back.
void ServiceMachine::trouble(const std::string& what) {
  record(Happening::trouble, deploy_.generation, {}, what);
  if (deploy_.phase != DeployPhase::baking) return fail_deploy(what);
  if (Generation* const standby = newest_standby()) {
    return roll_back(*standby, what, Outcome::rolled_back);
  }
  record(Happening::rollback_failed, deploy_.generation, {},
         "there is no generation left to go back to");
  note_trouble(what + ", and there was no generation left to go back to");
  deploy_ = Deploy{};
  limit_standbys();
}

ServiceMachine::Generation* ServiceMachine::newest_standby() {
  const auto found =
      std::find_if(generations_.rbegin(), generations_.rend(), [](const Generation& each) {
        return each.role == GenerationRole::standby &&
               std::any_of(each.workers.begin(), each.workers.end(),
                           [](const Worker& worker) { return can_come_back(worker); });
      });
  return found == generations_.rend() ? nullptr : &*found;
}

void ServiceMachine::on(const RollbackRequested& event) {
  const GenerationNumber serving = current() ? current()->number : 0;
  if (deploy_.phase != DeployPhase::idle && deploy_.phase != DeployPhase::baking) {
    return answer(event.request, Outcome::busy, serving, why_busy() + "; abort it instead");
  }
  Generation* target = newest_standby();
  if (event.generation != 0 && target && target->number != event.generation) {
    target = find_generation(event.generation);
    if (target && target->role != GenerationRole::standby) target = nullptr;
  }
  if (!target || serving == 0) {
    return answer(event.request, Outcome::failed, serving,
                  "there is no such generation that stands by");
  }
  deploy_.enders.push_back(event.request);
  roll_back(*target, "rolled back by an operator", Outcome::rolled_back);
}

void ServiceMachine::roll_back(Generation& target, const std::string& reason, Outcome ending) {
  if (scaling_) {
    answer(scaling_->request, Outcome::superseded, target.number, "the service is rolled back");
    scaling_.reset();
  }
  deploy_.generation = current()->number;
  deploy_.reason = reason;
  deploy_.ending = ending;
  deploy_.back_to = target.number;
  deploy_.deadline.reset();
  deploy_.paused_with.reset();
  deploy_.count_at.reset();
  enter(DeployPhase::rolling_back,
        "rolling back to generation " + std::to_string(target.number) + ": " + reason);
  target.standby_until.reset();
  target.lanes.clear();
  for (Worker& worker : target.workers) {
    if (!can_come_back(worker)) continue;
    worker.retired = false;
    input(target, worker, WorkerInput::told_to_accept);
  }
}

bool ServiceMachine::advance_rollback() {
  if (deploy_.phase != DeployPhase::rolling_back) return false;
  Generation* const target = find_generation(deploy_.back_to);
  const auto returns = [](const Worker& worker) { return !worker.retired; };
  if (!target || std::none_of(target->workers.begin(), target->workers.end(), returns)) {
    give_up_rollback();
    return true;
  }
  const bool all_accept =
      std::all_of(target->workers.begin(), target->workers.end(),
                  [&](const Worker& worker) { return !returns(worker) || accepts(worker.phase); });
  if (!all_accept) return false;
  finish_rollback(*target);
  return true;
}

void ServiceMachine::finish_rollback(Generation& target) {
  Generation& from = *find_generation(deploy_.generation);
  target.role = GenerationRole::current;
  target.since = now_;
  target.taker = target.number;
  record(Happening::rolled_back, from.number, {},
         "rolled back: generation " + std::to_string(target.number) + " accepts, generation " +
             std::to_string(from.number) + " drains");
  for (OpenDeploy& open : open_deploys_) {
    if (open.generation != from.number) continue;
    open.ending = deploy_.ending;
    open.reason = deploy_.reason;
  }
  for (const RequestId request : deploy_.enders)
    open_requests_.push_back({request, from.number, target.number, {}});
  deploy_ = Deploy{};
  give_to(target.number);
  from.drains_for = from.number;
  retire(from, Backlog::leave, target.number);
  for (Worker& worker : target.workers) {
    if (worker.retired) input(target, worker, WorkerInput::told_to_leave);
  }
  limit_standbys();
  adjust_scale();  // what has died of it while it stood by
}

void ServiceMachine::give_up_rollback() {
  const std::string why = "generation " + std::to_string(deploy_.back_to) + " could not come back" +
                          (deploy_.last_trouble.empty() ? "" : ": " + deploy_.last_trouble);
  record(Happening::rollback_failed, deploy_.generation, {},
         why + "; generation " + std::to_string(deploy_.generation) + " serves on");
  for (const RequestId request : deploy_.enders)
    answer(request, Outcome::failed, deploy_.generation, why);
  note_trouble(deploy_.reason + ", and " + why);
  const GenerationNumber target = deploy_.back_to;
  deploy_ = Deploy{};
  if (Generation* const generation = find_generation(target)) let_go(*generation, why);
  limit_standbys();
}

void ServiceMachine::let_go(Generation& generation, const std::string& why) {
  record(Happening::standby_ended, generation.number, {}, why);
  generation.standby_until.reset();
  retire(generation, generation.backlog, generation.taker);
}

// For one generation more. A standby goes at once, and nothing is lost with it; a drain is never
// cut short, the deploy waits for it. Those that are about to exit do not count.
bool ServiceMachine::make_room() {
  const auto counts = [](const Generation& each) {
    return each.role != GenerationRole::retiring ||
           std::any_of(each.workers.begin(), each.workers.end(),
                       [](const Worker& worker) { return worker.phase < WorkerPhase::stopping; });
  };
  const auto count =
      static_cast<unsigned>(std::count_if(generations_.begin(), generations_.end(), counts));
  if (count < queued_->policy.max_generations) return true;
  const auto stays = [](const Generation& each) { return each.role != GenerationRole::retiring; };
  const auto staying =
      static_cast<unsigned>(std::count_if(generations_.begin(), generations_.end(), stays));
  if (staying < queued_->policy.max_generations) return false;  // the others are on their way out
  const auto oldest =
      std::find_if(generations_.begin(), generations_.end(),
                   [](const Generation& each) { return each.role == GenerationRole::standby; });
  if (oldest == generations_.end()) return false;
  let_go(*oldest,
         "generation " + std::to_string(oldest->number) + " makes room for the next deploy");
  return make_room();
}

}  // namespace baton::core
