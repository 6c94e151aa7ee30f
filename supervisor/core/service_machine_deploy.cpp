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
  if (generations_.size() >= max_generations) {
    return std::to_string(generations_.size() - 1) + " older generations are still draining";
  }
  return {};
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

  Generation& generation =
      generations_.emplace_back(Generation{.number = ++last_generation_,
                                           .role = GenerationRole::candidate,
                                           .since = now_,
                                           .plan = plan.request,
                                           .policy = plan.policy,
                                           .restarts = RestartPolicy(plan.policy.restart),
                                           .workers = {},
                                           .restarts_due = {},
                                           .backlog = Backlog::leave,
                                           // A worker that leaves before its generation does leaves
                                           // its connections to its siblings.
                                           .taker = last_generation_,
                                           .handed_over = 0});
  generation.policy.workers = std::max(1u, generation.policy.workers);
  deploy_ = Deploy{.phase = DeployPhase::starting,
                   .generation = generation.number,
                   .request = request,
                   .failure = {},
                   .superseded = false};
  actions_.emplace_back(BeginGeneration{generation.number, plan.request});
  record(Happening::deploy_started, generation.number, {},
         "starting " + std::to_string(generation.policy.workers) + " worker(s)");
  for (unsigned i = 0; i < generation.policy.workers; ++i)
    start_worker(generation);
}

// The candidate is removed; what accepted already may hold connections and drains. The old
// generation never hears of it.
void ServiceMachine::fail_deploy(const std::string& reason) {
  if (deploy_.phase == DeployPhase::idle || deploy_.phase == DeployPhase::aborting) return;
  deploy_.phase = DeployPhase::aborting;
  deploy_.failure = reason;
  if (Generation* const candidate = find_generation(deploy_.generation)) {
    const Generation* const old = wanted_up_ ? current() : nullptr;
    retire(*candidate, wanted_up_ ? Backlog::leave : Backlog::serve, old ? old->number : 0);
  }
}

// One step of the candidate towards the cutover; true when there was one.
bool ServiceMachine::advance_deploy() {
  Generation* const candidate = find_generation(deploy_.generation);
  if (!candidate || candidate->role != GenerationRole::candidate) return false;
  const auto all_are = [&](auto predicate) {
    return std::all_of(candidate->workers.begin(), candidate->workers.end(),
                       [&](const Worker& worker) { return predicate(worker.phase); });
  };
  const auto enter = [&](DeployPhase phase, const char* text) {
    deploy_.phase = phase;
    record(Happening::deploy_phase, candidate->number, {}, text);
    return true;
  };

  if (deploy_.phase == DeployPhase::starting &&
      all_are([](WorkerPhase phase) { return phase >= WorkerPhase::warming; })) {
    return enter(DeployPhase::warming, "warming: all workers have their listeners");
  }
  if (deploy_.phase == DeployPhase::warming &&
      all_are([](WorkerPhase phase) { return phase == WorkerPhase::ready; })) {
    enter(DeployPhase::cutting_over, "cutting over: all workers are ready");
    for (Worker& worker : candidate->workers) {
      input(*candidate, worker, WorkerInput::told_to_accept);
    }
    return true;
  }
  if (deploy_.phase == DeployPhase::cutting_over &&
      all_are([](WorkerPhase phase) { return phase == WorkerPhase::accepting; })) {
    commit();
    return true;
  }
  return false;
}

void ServiceMachine::commit() {
  Generation* const old = current();
  Generation& candidate = *find_generation(deploy_.generation);
  candidate.role = GenerationRole::current;
  candidate.since = now_;
  if (deploy_.request) {
    open_answers_.push_back(OpenAnswer{*deploy_.request, candidate.number, {}});
  }
  record(Happening::cut_over, candidate.number, {},
         old ? "cut over: generation " + std::to_string(candidate.number) +
                   " accepts, generation " + std::to_string(old->number) + " drains"
             : "generation " + std::to_string(candidate.number) + " accepts");
  deploy_ = Deploy{};
  const GenerationNumber taker = candidate.number;
  give_to(taker);
  if (old) retire(*old, Backlog::leave, taker);
}

// Those that drain already would otherwise give to workers that are about to drain themselves.
void ServiceMachine::give_to(GenerationNumber taker) {
  for (Generation& generation : generations_) {
    if (generation.role != GenerationRole::retiring) continue;
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
  const Outcome outcome = deploy_.superseded ? Outcome::superseded
                          : old              ? Outcome::failed_old_serving
                                             : Outcome::failed;
  std::string text = "the deploy of generation " + std::to_string(deploy_.generation) +
                     (deploy_.superseded ? " was given up: " : " failed: ") + deploy_.failure;
  if (old) text += "; generation " + std::to_string(old->number) + " serves on";
  record(Happening::deploy_failed, deploy_.generation, {}, text);
  if (deploy_.request) {
    answer(*deploy_.request, outcome, old ? old->number : 0, deploy_.failure);
  }
  deploy_ = Deploy{};
}

// A deploy is over when no generation is left that is older than what it brought.
void ServiceMachine::answer_open_deploys() {
  const auto is_open = [this](const OpenAnswer& open) {
    return !generations_.empty() && generations_.front().number < open.generation;
  };
  const auto over = std::stable_partition(open_answers_.begin(), open_answers_.end(), is_open);
  for (auto open = over; open != open_answers_.end(); ++open) {
    record(Happening::deploy_finished, open->generation, {},
           open->trouble.empty() ? "the deploy is finished"
                                 : "the deploy is finished, but " + open->trouble);
    answer(open->request, open->trouble.empty() ? Outcome::done : Outcome::degraded,
           open->generation, open->trouble);
  }
  open_answers_.erase(over, open_answers_.end());
}

// ---- stopping

void ServiceMachine::stop_all() {
  wanted_up_ = false;
  retry_.reset();
  supersede_queue();
  if (scaling_) {
    answer(scaling_->request, Outcome::superseded, 0, "the service was stopped");
    scaling_.reset();
  }
  if (deploy_.phase != DeployPhase::idle) {
    deploy_.superseded = deploy_.superseded || deploy_.phase != DeployPhase::aborting;
    fail_deploy("the service was stopped");
  }
  if (Generation* const serving = current()) retire(*serving, Backlog::serve, 0);
}

}  // namespace baton::core
