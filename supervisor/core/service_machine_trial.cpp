// What is asked of a generation on trial: its health before the cutover, and its health and its
// errors in a canary and a bake.
#include "supervisor/core/service_machine.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

ServiceMachine::Generation* ServiceMachine::on_trial() {
  return const_cast<Generation*>(std::as_const(*this).on_trial());
}

const ServiceMachine::Generation* ServiceMachine::on_trial() const {
  switch (deploy_.phase) {
    case DeployPhase::probing:
    case DeployPhase::canary:
    case DeployPhase::cutting_over:
    case DeployPhase::baking:
      return find_generation(deploy_.generation);
    default:
      return nullptr;
  }
}

bool ServiceMachine::wants_probes(const Generation& generation) const {
  return generation.policy.health && deploy_.phase != DeployPhase::cutting_over;
}

// Asks each of its workers, from `wait` from now on, as long as it is on trial.
void ServiceMachine::begin_probing(Generation& generation, Duration wait) {
  if (generation.policy.error_limit && deploy_.phase != DeployPhase::probing) {
    deploy_.count_at = now_ + count_interval;
  }
  if (!generation.policy.health) return;
  for (Worker& worker : generation.workers) {
    worker.passed = 0;
    worker.missed = 0;
    if (!worker.probe_open) worker.probe_at = now_ + wait;
  }
}

bool ServiceMachine::all_have_passed(const Generation& generation) const {
  return std::all_of(
      generation.workers.begin(), generation.workers.end(),
      [&](const Worker& worker) { return worker.passed >= generation.policy.health->successes; });
}

void ServiceMachine::ask_what_is_due(Generation& generation) {
  const auto due = [this](const auto& at) { return at && *at <= now_; };
  for (Worker& worker : generation.workers) {
    if (!due(worker.probe_at)) continue;
    worker.probe_at.reset();
    worker.probe_open = true;
    actions_.emplace_back(Probe{worker.id});
  }
  if (!due(deploy_.count_at)) return;
  deploy_.count_at = now_ + count_interval;
  for (const Worker& worker : generation.workers)
    actions_.emplace_back(Count{worker.id});
}

void ServiceMachine::on(const WorkerProbed& event) {
  const Found found = find(event.worker);
  if (!found || !found.worker->probe_open) return;
  Worker& worker = *found.worker;
  Generation& generation = *found.generation;
  worker.probe_open = false;
  if (on_trial() != &generation || !wants_probes(generation) || worker.retired) return;

  const HealthGate& gate = *generation.policy.health;
  worker.probe_at = now_ + gate.interval;
  if (!event.trouble) {
    ++worker.passed;
    worker.missed = 0;
    if (deploy_.phase == DeployPhase::probing && worker.passed >= gate.successes) {
      worker.probe_at.reset();
    }
    return;
  }
  worker.passed = 0;
  ++worker.missed;
  deploy_.last_trouble = *event.trouble;
  if (deploy_.phase != DeployPhase::probing && worker.missed >= gate.failures) {
    trouble("the health probe of a worker has failed " + std::to_string(worker.missed) +
            " times in a row: " + *event.trouble);
  }
}

void ServiceMachine::on(const WorkerCounted& event) {
  const Found found = find(event.worker);
  if (!found) return;
  Worker& worker = *found.worker;
  const bool is_on_trial = on_trial() == found.generation && deploy_.count_at;
  if (is_on_trial && event.requests >= worker.requests && event.errors >= worker.errors) {
    deploy_.requests += event.requests - worker.requests;
    deploy_.errors += event.errors - worker.errors;
  }
  worker.requests = event.requests;
  worker.errors = event.errors;
  if (is_on_trial) look_at_errors(*found.generation);
}

// Each stretch of `at_least` requests is judged by itself: a bad one is not diluted by the good
// ones before it.
void ServiceMachine::look_at_errors(const Generation& generation) {
  const ErrorLimit& limit = *generation.policy.error_limit;
  const std::uint64_t requests = deploy_.requests;
  const std::uint64_t errors = deploy_.errors;
  if (requests < limit.at_least) return;
  deploy_.requests = 0;
  deploy_.errors = 0;
  if (errors * 100 <= requests * limit.percent) return;
  trouble(std::to_string(errors) + " of " + std::to_string(requests) +
          " answers had a 5xx status, more than " + std::to_string(limit.percent) + " %");
}

}  // namespace baton::core
