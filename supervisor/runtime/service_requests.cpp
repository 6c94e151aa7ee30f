// What operators ask of a service, and what they are told about it.
#include "supervisor/runtime/service.hpp"
#include "supervisor/runtime/service_status.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <utility>

namespace baton::runtime {

using Clock = std::chrono::steady_clock;

std::string Service::deploy(LaunchPlan plan, core::WhenBusy when_busy, Origin origin,
                            Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(origin), std::move(answered));
  feed(core::DeployRequested{request, policy, when_busy});
  return begun_by(request);
}

std::string Service::start(LaunchPlan plan, Origin origin, Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(origin), std::move(answered));
  feed(core::StartRequested{request, policy});
  return begun_by(request);
}

std::string Service::restart(LaunchPlan plan, Origin origin, Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(origin), std::move(answered));
  feed(core::RestartRequested{request, policy});
  return begun_by(request);
}

void Service::stop(Answered answered) {
  feed(core::StopRequested{add_request(std::move(answered))});
}

void Service::scale(unsigned workers, Answered answered) {
  feed(core::ScaleRequested{add_request(std::move(answered)), workers});
}

void Service::steer(core::Steer what, core::GenerationNumber generation, Answered answered) {
  feed(core::SteerRequested{add_request(std::move(answered)), what, generation});
}

void Service::roll_back(core::GenerationNumber generation, Origin origin, Answered answered) {
  const auto request = add_request(std::move(answered));
  requests_.at(request).rollback = Rollback{.origin = std::move(origin),
                                            .from = serving(),
                                            .to = standby(generation),
                                            .asked = Moment(std::chrono::system_clock::now())};
  feed(core::RollbackRequested{request, generation});
}

core::GenerationNumber Service::standby(core::GenerationNumber wanted) const {
  core::GenerationNumber newest = 0;
  for (const auto& each : machine_.view(Clock::now()).generations) {
    const bool fits = wanted == 0 || each.number == wanted;
    if (each.role == core::GenerationRole::standby && fits) newest = each.number;
  }
  return newest;
}

Result<std::string> Service::earlier_release(core::GenerationNumber generation) const {
  return deploys_.earlier_release(generation, serving());
}

core::GenerationNumber Service::serving() const {
  for (const auto& generation : machine_.view(Clock::now()).generations) {
    if (generation.role == core::GenerationRole::current) return generation.number;
  }
  return 0;
}

std::vector<pid_t> Service::serving_pids() const {
  std::vector<pid_t> pids;
  for (const auto& generation : machine_.view(Clock::now()).generations) {
    if (generation.role != core::GenerationRole::current) continue;
    for (const auto& worker : generation.workers) {
      if (const Worker* running = find(worker.id)) pids.push_back(running->pid());
    }
  }
  return pids;
}

void Service::stop_now() {
  feed(core::StopNowRequested{});
}

core::RequestId Service::add_request(Answered answered) {
  requests_.emplace(++last_request_, Request{.answered = std::move(answered)});
  return last_request_;
}

core::RequestId Service::add_request(LaunchPlan plan, Origin origin, Answered answered) {
  const auto id = add_request(std::move(answered));
  plans_.emplace(id, Plan{std::make_shared<const LaunchPlan>(std::move(plan)), std::move(origin)});
  return id;
}

std::string Service::begun_by(core::RequestId request) const {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return {};
  const auto begun = found->second.generation;
  return deploy_id(begun != 0 ? begun : machine_.number_to_be(request));
}

std::string Service::deploy_id(core::GenerationNumber generation) const {
  return generation == 0 ? std::string{} : name_ + "-" + std::to_string(generation);
}

// Who keeps others from deploying: continues a sentence.
std::string Service::held_by() const {
  const auto* const deploy = deploys_.running(machine_.view(Clock::now()).deploy_generation);
  if (deploy == nullptr) return {};
  const std::time_t since = static_cast<std::time_t>(deploy->started_ms / 1000);
  std::tm utc{};
  ::gmtime_r(&since, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  return ", " + deploy->id + " by " + deploy->by + " since " + text.data();
}

std::string Service::why_busy() const {
  const core::ServiceView view = machine_.view(Clock::now());
  if (view.deploy == core::DeployPhase::idle) return {};
  return std::string("a deploy is ") + core::to_string(view.deploy) + held_by();
}

unsigned Service::signal(int number) {
  unsigned count = 0;
  const core::ServiceView view = machine_.view(Clock::now());
  for (const auto& generation : view.generations) {
    for (const auto& worker : generation.workers) {
      const Worker* running = find(worker.id);
      if (!core::accepts(worker.phase) || running == nullptr) continue;
      running->signal(number);
      ++count;
    }
  }
  return count;
}

void Service::ask_progress() {
  for (const auto& [id, worker] : workers_)
    worker->ask_progress();
}

bool Service::owes_progress() const {
  return std::ranges::any_of(workers_,
                             [](const auto& entry) { return entry.second->owes_progress(); });
}

admin::ServiceStatus Service::status() const {
  const auto now = Clock::now();
  const core::ServiceView view = machine_.view(now);
  return describe({.name = name_,
                   .view = view,
                   .plans = generations_,
                   .workers = workers_,
                   .deploy = deploys_.running(view.deploy_generation)},
                  now);
}

bool Service::has_worker(pid_t pid) const {
  return std::ranges::any_of(workers_,
                             [pid](const auto& entry) { return entry.second->pid() == pid; });
}

}  // namespace baton::runtime
