// admin::Control: what operators ask of the supervisor.
#include "supervisor/runtime/operation.hpp"
#include "supervisor/runtime/supervisor.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ranges>
#include <utility>

namespace baton::runtime {
namespace {

std::string by(admin::Peer peer) {
  return "asked by uid " + std::to_string(peer.uid) + ", pid " + std::to_string(peer.pid);
}

std::string signal_name(int number) {
  const char* abbreviation = ::sigabbrev_np(number);  // null for real-time signals
  return abbreviation == nullptr ? "signal " + std::to_string(number)
                                 : std::string("SIG") + abbreviation;
}

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

Result<Service*> Supervisor::find(const std::string& name) {
  if (shutting_down_) return Error{Errc::busy, "batond is shutting down"};
  const auto found = services_.find(name);
  if (found != services_.end() && !found->second.removed) return found->second.service.get();
  std::string message = "there is no service '" + name + "'";
  for (const char* separator = "; the services are: ";
       const auto& known : std::views::keys(config_.services)) {
    message += std::exchange(separator, ", ") + known;
  }
  return Error{Errc::not_found, std::move(message)};
}

Result<LaunchPlan> Supervisor::plan(const std::string& service, const std::string& release) const {
  return make_launch_plan(config_.services.at(service), release, listeners_, setup_.inheritance);
}

Result<std::string> Supervisor::operate(const admin::Operation& operation, admin::Peer peer,
                                        std::function<void(admin::Answer)> callback) {
  const auto found = find(operation.service);
  if (!found) return found.error();
  Service& service = **found;
  const auto log_request = [&](const std::string& what) {
    const std::string note = operation.message.empty() ? "" : ": " + operation.message;
    record(log::Level::info, "request", what + ", " + by(peer) + note, operation.service);
  };
  const Origin origin{kind_of(operation), person(peer.uid), operation.message};
  const auto with_plan = [&](const std::string& what, auto begin) -> Result<std::string> {
    auto launch = plan(operation.service, operation.release);
    if (!launch) return launch.error();
    log_request(what);
    return begin(std::move(*launch));
  };

  switch (operation.verb) {
    case admin::Verb::deploy:
      if (const auto shortage = memory_shortage(service); shortage && !operation.ignore_memory) {
        return Error{Errc::busy, *shortage};
      }
      return with_plan("deploy", [&](LaunchPlan launch) {
        return service.deploy(std::move(launch), core::WhenBusy::refuse, origin,
                              std::move(callback));
      });
    case admin::Verb::start:
      return with_plan("start", [&](LaunchPlan launch) {
        return service.start(std::move(launch), origin, std::move(callback));
      });
    case admin::Verb::restart:
      return with_plan("restart", [&](LaunchPlan launch) {
        return service.restart(std::move(launch), origin, std::move(callback));
      });
    case admin::Verb::rollback:
      log_request("rollback");
      return roll_back(service, operation, origin, std::move(callback));
    case admin::Verb::promote:
    case admin::Verb::pause:
    case admin::Verb::resume:
    case admin::Verb::abort:
      log_request(kind_of(operation));
      return steer(service, operation, std::move(callback));
    case admin::Verb::stop:
      log_request("stop");
      service.stop(std::move(callback));
      return std::string{};
    case admin::Verb::scale:
      if (operation.workers == 0 || operation.workers > max_workers) {
        return Error{Errc::invalid_input, "a service has 1 to " + std::to_string(max_workers) +
                                              " workers; use stop to have none"};
      }
      log_request("scale to " + plural(operation.workers, "worker"));
      service.scale(operation.workers, std::move(callback));
      return std::string{};
  }
  return Error{Errc::invalid_input, "unknown operation"};
}

// At once where a generation stands by, else as a deploy of what an earlier one ran.
Result<std::string> Supervisor::roll_back(Service& service, const admin::Operation& operation,
                                          Origin origin,
                                          std::function<void(admin::Answer)> callback) {
  if (service.stands_by(operation.generation)) {
    service.roll_back(operation.generation, std::move(origin), std::move(callback));
    return std::string{};
  }
  const auto release = service.earlier_release(operation.generation);
  if (!release) return release.error();
  if (const auto shortage = memory_shortage(service); shortage && !operation.ignore_memory) {
    return Error{Errc::busy, *shortage};
  }
  auto launch = plan(operation.service, *release);
  if (!launch) return launch.error();
  return service.deploy(std::move(*launch), core::WhenBusy::refuse, std::move(origin),
                        std::move(callback));
}

Result<std::string> Supervisor::steer(Service& service, const admin::Operation& operation,
                                      std::function<void(admin::Answer)> callback) {
  const auto generation = generation_of(operation.target, operation.service);
  if (!generation) return generation.error();
  service.steer(steering(operation.verb), *generation, std::move(callback));
  return std::string{};
}

Result<admin::DryRun> Supervisor::dry_run(const admin::Operation& operation, admin::Peer) {
  const auto found = find(operation.service);
  if (!found) return found.error();
  Service& service = **found;
  std::string release = operation.release;
  const bool back = operation.verb == admin::Verb::rollback;
  const bool at_once = back && service.stands_by(operation.generation);
  if (back && !at_once) {
    auto earlier = service.earlier_release(operation.generation);
    if (!earlier) return earlier.error();
    release = std::move(*earlier);
  }
  const auto launch = plan(operation.service, release);
  if (!launch) return launch.error();
  admin::DryRun out;
  out.service = operation.service;
  out.release = launch->release.string();
  out.steps = at_once ? std::vector<std::string>{"the generation that stands by accepts again",
                                                 "the one that serves now drains and exits"}
                      : steps_of(*launch, service.serving());
  if (auto busy = service.why_busy(); !busy.empty()) out.problems.push_back(std::move(busy));
  if (auto shortage = memory_shortage(service); shortage && !at_once) {
    out.problems.push_back(std::move(*shortage));
  }
  return out;
}

void Supervisor::history(const std::string& service, std::size_t count,
                         std::function<void(Result<std::vector<admin::DeployRecord>>)> callback) {
  setup_.history.recent(service, count, std::move(callback));
}

void Supervisor::deploy_record(const std::string& id,
                               std::function<void(Result<admin::DeployRecord>)> callback) {
  setup_.history.find(id, std::move(callback));
}

Result<unsigned> Supervisor::signal(const std::string& service, int signal_number,
                                    admin::Peer peer) {
  constexpr int stopping[] = {SIGTERM, SIGINT, SIGQUIT, SIGKILL, SIGSTOP, SIGTSTP};
  if (signal_number <= 0 || signal_number >= NSIG) {
    return Error{Errc::invalid_input, std::to_string(signal_number) + " is not a signal"};
  }
  if (std::ranges::find(stopping, signal_number) != std::end(stopping)) {
    return Error{Errc::invalid_input, signal_name(signal_number) +
                                          " would stop workers behind the supervisor's back: use "
                                          "stop or restart"};
  }
  const auto found = find(service);
  if (!found) return found.error();
  const unsigned count = (*found)->signal(signal_number);
  record(log::Level::info, "request",
         signal_name(signal_number) + " sent to " + plural(count, "worker") + ", " + by(peer),
         service);
  return count;
}

Result<void> Supervisor::reload(admin::Peer peer) {
  return reload(by(peer), person(peer.uid));
}

void Supervisor::shutdown(admin::Peer peer) {
  shutdown(by(peer));
}

}  // namespace baton::runtime
