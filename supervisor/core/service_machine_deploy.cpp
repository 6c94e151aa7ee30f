// The deploys of a service: from the first worker to the cutover, or back out of it.
#include "supervisor/core/service_machine.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

std::string ServiceMachine::why_busy() const {
  if (deploy_.phase != DeployPhase::idle) {
    return "the deploy of generation " + std::to_string(deploy_.generation) + " is running (" +
           to_string(deploy_.phase) + ")";
  }
  return queued_ ? "another deploy waits for an older generation to drain" : "";
}

// The newest request wins: what waited for its turn will never have it.
void ServiceMachine::supersede_queue() {
  for (std::optional<Plan>* const waiting : {&queued_, &start_after_stop_}) {
    if (*waiting)
      answer((*waiting)->request, Outcome::superseded, 0, "a newer request came after it");
    waiting->reset();
  }
}

void ServiceMachine::begin_deploy(const Plan& plan, std::optional<RequestId> request) {
  if (scaling_) {
    answer(scaling_->request, Outcome::superseded, 0, "a deploy began before it was reached");
    scaling_.reset();
  }
  if (request) retries_ = RestartPolicy(plan.policy.restart);
  retry_.reset();

  ++last_generation_;
  Generation& generation =
      generations_.emplace_back(Generation{.number = last_generation_,
                                           .role = GenerationRole::candidate,
                                           .since = now_,
                                           .plan = plan.request,
                                           .policy = plan.policy,
                                           .restarts = RestartPolicy(plan.policy.restart),
                                           .taker = last_generation_,
                                           .drains_for = last_generation_});
  generation.policy.workers = std::max(1u, generation.policy.workers);
  deploy_ =
      Deploy{.phase = DeployPhase::starting, .generation = generation.number, .request = request};
  actions_.emplace_back(BeginGeneration{generation.number, plan.request});
  record(Happening::deploy_started, generation.number, {},
         "starting " + std::to_string(generation.policy.workers) + " worker(s)");
  for (unsigned i = 0; i < generation.policy.workers; ++i)
    start_worker(generation);
}

// The candidate is removed; what accepted already may hold connections and drains. The old
// generation never hears of it.
// Before the cutover is complete: the candidate goes, the old one never noticed.
void ServiceMachine::fail_deploy(const std::string& reason, Outcome ending) {
  switch (deploy_.phase) {
    case DeployPhase::idle:
    case DeployPhase::baking:
    case DeployPhase::rolling_back:
    case DeployPhase::aborting:
      return;
    default:
      break;
  }
  deploy_.phase = DeployPhase::aborting;
  deploy_.reason = reason;
  deploy_.ending = ending;
  deploy_.deadline.reset();
  deploy_.paused_with.reset();
  deploy_.count_at.reset();
  end_split();
  if (Generation* const candidate = find_generation(deploy_.generation)) {
    const Generation* const old = wanted_up_ ? current() : nullptr;
    retire(*candidate, wanted_up_ ? Backlog::leave : Backlog::serve, old ? old->number : 0);
  }
}

bool ServiceMachine::enter(DeployPhase phase, const std::string& text) {
  deploy_.phase = phase;
  actions_.emplace_back(Record{Happening::deploy_phase, deploy_.generation, {}, text, phase});
  return true;
}

// One step of the candidate towards the cutover; true when there was one.
bool ServiceMachine::advance_deploy() {
  Generation* const candidate = find_generation(deploy_.generation);
  if (!candidate || candidate->role != GenerationRole::candidate) return false;
  const auto all_are = [&](auto predicate) {
    return std::all_of(candidate->workers.begin(), candidate->workers.end(),
                       [&](const Worker& worker) { return predicate(worker.phase); });
  };
  const auto is_ready = [](WorkerPhase phase) { return phase == WorkerPhase::ready; };

  switch (deploy_.phase) {
    case DeployPhase::starting:
      if (!all_are([](WorkerPhase phase) { return phase >= WorkerPhase::warming; })) return false;
      return enter(DeployPhase::warming, "warming: all workers have their listeners");
    case DeployPhase::warming:
      if (!all_are(is_ready)) return false;
      if (!candidate->policy.health) return let_in(), true;
      deploy_.deadline = now_ + candidate->policy.health->deadline;
      enter(DeployPhase::probing, "probing: all workers are ready");
      begin_probing(*candidate, Duration{0});
      ask_what_is_due(*candidate);
      return true;
    case DeployPhase::probing:
      if (!all_are(is_ready) || !all_have_passed(*candidate)) return false;
      deploy_.deadline.reset();
      return let_in(), true;
    case DeployPhase::canary:
      return advance_canary();
    case DeployPhase::cutting_over:
      if (!all_are([](WorkerPhase phase) { return phase == WorkerPhase::accepting; })) return false;
      commit();
      return true;
    default:
      return false;
  }
}

// Through the gate: to its share of the connections, or to all of them.
void ServiceMachine::let_in() {
  Generation& candidate = *find_generation(deploy_.generation);
  if (!candidate.policy.canary.empty() && serving()) {
    if (canary_is_possible()) return begin_canary();
    record(Happening::went_without, candidate.number, {},
           "no canary this time: the running generation was started before its listeners could be "
           "split");
  }
  enter(DeployPhase::cutting_over, "cutting over: all workers are ready");
  for (Worker& worker : candidate.workers)
    input(candidate, worker, WorkerInput::told_to_accept);
}

// What the deploy itself waited for: the gate, a step of the canary, the bake.
void ServiceMachine::deadline_passed() {
  deploy_.deadline.reset();
  switch (deploy_.phase) {
    case DeployPhase::probing: {
      const Duration waited = find_generation(deploy_.generation)->policy.health->deadline;
      const std::string& last = deploy_.last_trouble;
      return fail_deploy("the health probe did not pass within " + format_duration(waited) +
                         (last.empty() ? "" : ": " + last));
    }
    case DeployPhase::canary:
      return enter_step(*deploy_.step + 1);
    case DeployPhase::baking:
      return end_bake();
    default:
      return;
  }
}

void ServiceMachine::commit() {
  Generation* const old = current();
  Generation& candidate = *find_generation(deploy_.generation);
  candidate.role = GenerationRole::current;
  candidate.since = now_;
  open_deploys_.push_back(OpenDeploy{.generation = candidate.number, .request = deploy_.request});
  record(Happening::cut_over, candidate.number, {},
         old ? "cut over: generation " + std::to_string(candidate.number) +
                   " accepts, generation " + std::to_string(old->number) + " drains"
             : "generation " + std::to_string(candidate.number) + " accepts");
  if (deploy_.split) actions_.emplace_back(SplitLanes{candidate.number, 0});
  deploy_ = Deploy{.generation = candidate.number};
  give_to(candidate.number);
  if (old) supersede(*old, candidate);
  if (deploy_.phase == DeployPhase::baking) {
    begin_probing(candidate,
                  candidate.policy.health ? candidate.policy.health->interval : Duration{0});
  } else {
    deploy_ = Deploy{};
  }
}

// Those that drain already would otherwise give to workers that are about to drain themselves.
void ServiceMachine::give_to(GenerationNumber taker) {
  for (Generation& generation : generations_) {
    const bool leaves =
        generation.role == GenerationRole::retiring || generation.role == GenerationRole::standby;
    if (!leaves) continue;
    generation.taker = taker;
    for (const Worker& worker : generation.workers) {
      if (worker.phase == WorkerPhase::draining) {
        actions_.emplace_back(HandOver{worker.id, taker});
      }
    }
  }
}

void ServiceMachine::finish_failed_deploy() {
  const Generation* const old = serving();
  const bool failed = deploy_.ending == Outcome::failed;
  const Outcome outcome = failed && old ? Outcome::failed_old_serving : deploy_.ending;
  std::string text = "the deploy of generation " + std::to_string(deploy_.generation) +
                     (failed ? " failed: " : " was given up: ") + deploy_.reason;
  if (old) text += "; generation " + std::to_string(old->number) + " serves on";
  record(Happening::deploy_failed, deploy_.generation, {}, text);
  actions_.emplace_back(EndDeploy{deploy_.generation, outcome, deploy_.reason, deploy_.account});
  const GenerationNumber serves = old ? old->number : 0;
  if (deploy_.request) answer(*deploy_.request, outcome, serves, deploy_.reason);
  for (const RequestId request : deploy_.enders)
    answer(request, Outcome::done, serves, {});
  deploy_ = Deploy{};
}

// A deploy is over when it bakes no more, and what it has superseded has drained; one that was
// taken back, when its generation is gone.
bool ServiceMachine::is_open(const OpenDeploy& open) const {
  if (deploy_.phase != DeployPhase::idle && deploy_.generation == open.generation) return true;
  if (open.ending) return find_generation(open.generation) != nullptr;
  const auto drains = [](const Generation& generation) {
    if (generation.role == GenerationRole::retiring) return true;
    return generation.role == GenerationRole::standby &&
           std::any_of(generation.workers.begin(), generation.workers.end(),
                       [](const Worker& each) { return each.phase < WorkerPhase::standby; });
  };
  return std::any_of(generations_.begin(), generations_.end(), [&](const Generation& each) {
    return each.number < open.generation && drains(each);
  });
}

void ServiceMachine::close_open_deploys() {
  const auto over = std::stable_partition(open_deploys_.begin(), open_deploys_.end(),
                                          [this](const OpenDeploy& open) { return is_open(open); });
  const GenerationNumber serves = current() ? current()->number : 0;
  for (auto open = over; open != open_deploys_.end(); ++open) {
    const Outcome outcome =
        open->ending.value_or(open->trouble.empty() ? Outcome::done : Outcome::degraded);
    const std::string& reason = open->ending ? open->reason : open->trouble;
    record(Happening::deploy_finished, open->generation, {},
           open->ending            ? "the deploy was taken back: " + reason
           : open->trouble.empty() ? "the deploy is finished"
                                   : "the deploy is finished, but " + reason);
    actions_.emplace_back(EndDeploy{open->generation, outcome, reason, open->account});
    if (open->request) {
      answer(*open->request, outcome, open->ending ? serves : open->generation, reason);
    }
  }
  open_deploys_.erase(over, open_deploys_.end());

  const auto gone = std::stable_partition(
      open_requests_.begin(), open_requests_.end(),
      [this](const auto& each) { return find_generation(each.gone) != nullptr; });
  for (auto request = gone; request != open_requests_.end(); ++request)
    answer(request->request, Outcome::done, request->serving, {});
  open_requests_.erase(gone, open_requests_.end());
}

// ---- stopping

void ServiceMachine::stop_all() {
  const std::string why = "the service was stopped";
  wanted_up_ = false;
  retry_.reset();
  supersede_queue();
  if (scaling_) {
    answer(scaling_->request, Outcome::superseded, 0, why);
    scaling_.reset();
  }
  fail_deploy(why, Outcome::superseded);
  if (deploy_.phase == DeployPhase::baking || deploy_.phase == DeployPhase::rolling_back) {
    for (const RequestId request : deploy_.enders)
      answer(request, Outcome::superseded, 0, why);
    for (OpenDeploy& open : open_deploys_) {
      if (open.generation != deploy_.generation) continue;
      open.ending = Outcome::superseded;
      open.reason = why + " while it was " + to_string(deploy_.phase);
    }
    deploy_ = Deploy{};
  }
  for (Generation& generation : generations_) {
    if (generation.role == GenerationRole::standby) let_go(generation, why);
  }
  if (Generation* const serving = current()) retire(*serving, Backlog::serve, 0);
}

}  // namespace baton::core
