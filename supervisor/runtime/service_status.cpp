#include "supervisor/runtime/service_status.hpp"

#include <algorithm>
#include <chrono>

namespace baton::runtime {
namespace {

std::int64_t milliseconds(core::TimePoint::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

admin::WorkerStatus describe(const core::WorkerView& view, const Worker* worker,
                             core::TimePoint now) {
  admin::WorkerStatus out;
  out.phase = core::to_string(view.phase);
  if (view.deadline)
    out.deadline_ms = std::max<std::int64_t>(0, milliseconds(*view.deadline - now));
  if (worker == nullptr) return out;
  out.pid = worker->pid();
  out.uptime_ms = milliseconds(now - worker->started());
  if (const auto progress = worker->progress()) {
    out.counted = true;
    out.connections = progress->connections;
    out.in_flight = progress->in_flight;
    out.requests = progress->requests;
    out.errors = progress->errors;
  }
  return out;
}

std::size_t accepting(const core::GenerationView& generation) {
  return static_cast<std::size_t>(
      std::ranges::count_if(generation.workers, core::accepts, &core::WorkerView::phase));
}

const core::GenerationView* in_role(const core::ServiceView& view, core::GenerationRole role) {
  const auto found = std::ranges::find(view.generations, role, &core::GenerationView::role);
  return found == view.generations.end() ? nullptr : &*found;
}

// Percent of the new connections, while a canary splits them.
int weight_of(const core::GenerationView& generation, const core::ServiceView& view) {
  if (!view.weight) return -1;
  switch (generation.role) {
    case core::GenerationRole::candidate:
      return static_cast<int>(*view.weight);
    case core::GenerationRole::current:
      return static_cast<int>(100 - *view.weight);
    default:
      return -1;
  }
}

void describe_deploy(const ServiceFacts& facts, core::TimePoint now, admin::ServiceStatus& out) {
  out.deploy = core::to_string(facts.view.deploy);
  out.paused = facts.view.paused;
  if (facts.view.phase_deadline) {
    out.phase_left_ms = std::max<std::int64_t>(0, milliseconds(*facts.view.phase_deadline - now));
  }
  if (facts.deploy == nullptr) return;
  out.deploy_id = facts.deploy->id;
  out.deploy_by = facts.deploy->by;
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  out.deploy_age_ms =
      std::max<std::int64_t>(0, milliseconds(since_1970) - facts.deploy->started_ms);
}

}  // namespace

admin::ServiceStatus describe(const ServiceFacts& facts, core::TimePoint now) {
  admin::ServiceStatus out;
  out.name = facts.name;
  out.state = service_state(facts.view);
  describe_deploy(facts, now, out);
  for (const core::GenerationView& view : facts.view.generations) {
    admin::GenerationStatus generation;
    generation.number = view.number;
    generation.role = core::to_string(view.role);
    if (const auto plan = facts.plans.find(view.number); plan != facts.plans.end()) {
      generation.release = plan->second->release.string();
    }
    generation.age_ms = milliseconds(now - view.since);
    generation.weight = weight_of(view, facts.view);
    if (view.standby_until) generation.standby_ms = milliseconds(*view.standby_until - now);
    generation.wanted_workers = view.wanted_workers;
    generation.restarting = view.restarting;
    generation.crash_looping = view.crash_looping;
    for (const core::WorkerView& worker : view.workers) {
      const auto running = facts.workers.find(worker.id);
      generation.workers.push_back(
          describe(worker, running == facts.workers.end() ? nullptr : running->second.get(), now));
    }
    out.generations.push_back(std::move(generation));
  }
  return out;
}

std::string service_state(const core::ServiceView& view) {
  const auto* current = in_role(view, core::GenerationRole::current);
  if (!view.wanted_up) return view.generations.empty() ? "stopped" : "stopping";
  if (view.crash_looping || (current != nullptr && current->crash_looping)) return "crash-looping";
  const bool serving = current != nullptr && accepting(*current) > 0;
  if (view.deploy != core::DeployPhase::idle) return serving ? "deploying" : "starting";
  if (current == nullptr || accepting(*current) < current->wanted_workers) return "degraded";
  if (in_role(view, core::GenerationRole::retiring) != nullptr) return "draining";
  return "running";
}

}  // namespace baton::runtime
