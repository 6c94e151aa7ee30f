#include "supervisor/runtime/supervisor.hpp"

#include "supervisor/runtime/memory_check.hpp"
#include "supervisor/runtime/operation.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

namespace baton::runtime {
namespace {

std::string by(admin::Peer peer) {
  return "asked by uid " + std::to_string(peer.uid) + ", pid " + std::to_string(peer.pid);
}

// Of the services' listeners, those whose connections a canary will split.
std::set<std::string> to_be_split(const config::Config& config) {
  std::set<std::string> names;
  for (const auto& [name, service] : config.services) {
    if (service.policy.canary.empty()) continue;
    names.insert(service.listeners.begin(), service.listeners.end());
  }
  return names;
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

Supervisor::Supervisor(boost::asio::io_context& io, log::Journal& journal, SupervisorSetup setup)
    : io_(io),
      journal_(journal),
      setup_(std::move(setup)),
      orphans_([this](pid_t pid) {
        return std::ranges::any_of(
            services_, [pid](const auto& named) { return named.second.service->has_worker(pid); });
      }),
      status_deadline_(io) {}

Supervisor::~Supervisor() = default;

Result<void> Supervisor::start(config::Config config) {
  const auto bound = listeners_.apply(config.listeners, to_be_split(config));
  if (!bound) return bound.error();
  config_ = std::move(config);
  record(log::Level::info, "started",
         "batond " + setup_.version + " started, pid " + std::to_string(::getpid()));
  record_bound(*bound);
  for (const auto& [name, service] : config_.services)
    deploy(service, {.kind = "deploy", .by = "start of batond", .message = {}});
  return {};
}

void Supervisor::on_signal(int number) {
  switch (number) {
    case SIGHUP:
      static_cast<void>(reload("asked by SIGHUP", "SIGHUP"));  // what is wrong is in the journal
      break;
    case SIGTERM:
      shutdown("asked by SIGTERM");
      break;
    case SIGINT:
      shutdown("asked by SIGINT");
      break;
    case SIGUSR1:
      reopen_log();
      break;
    case SIGUSR2:
      record(log::Level::warn, "upgrade",
             "SIGUSR2: replacing the supervisor's own program is not supported yet");
      break;
    case SIGCHLD:
      orphans_.reap();
      break;
    default:
      break;
  }
}

// ---- config

Result<void> Supervisor::reload(const std::string& who, const std::string& name) {
  const auto refuse = [this](const Error& error) {
    for (const auto problem : std::views::split(error.message, '\n')) {
      record(log::Level::error, "reload_failed", std::string(problem.begin(), problem.end()));
    }
    record(log::Level::error, "reload_failed", "the config was not reloaded: nothing has changed");
    return error;
  };
  record(log::Level::info, "reload", "reload, " + who);
  if (shutting_down_) return refuse({Errc::busy, "batond is shutting down"});
  auto loaded = setup_.load_config();
  if (!loaded) return refuse(loaded.error());
  const auto bound = listeners_.apply(loaded->listeners, to_be_split(*loaded));
  if (!bound) return refuse(bound.error());
  record_bound(*bound);
  apply(std::move(*loaded), name);
  return {};
}

void Supervisor::record_bound(const std::vector<std::string>& listeners) {
  for (const std::string& name : listeners) {
    record(log::Level::info, "listener_bound",
           "listener " + name + " on " + listeners_.find(name)->address());
  }
}

void Supervisor::apply(config::Config config, const std::string& who) {
  const config::Supervisor before = std::exchange(config_, std::move(config)).supervisor;
  config::Supervisor changeable = config_.supervisor;
  changeable.log_level = before.log_level;
  if (changeable != before) {
    record(log::Level::warn, "reload",
           "[supervisor] has changed: all but log_level takes effect at the next start of batond");
  }
  if (const auto level = log::parse_level(config_.supervisor.log_level)) {
    journal_.log().set_level(*level);
  }
  retire_removed_services();
  for (const auto& [name, service] : config_.services)
    deploy(service, {.kind = "deploy", .by = who, .message = {}});
}

void Supervisor::retire_removed_services() {
  for (auto& [name, known] : services_) {
    if (known.removed || config_.services.contains(name)) continue;
    known.removed = true;
    record(log::Level::info, "service_removed", "no longer in the config: stopping it", name);
    known.service->stop(nullptr);
  }
}

// Also how a service comes up for the first time: its first generation has none to replace.
void Supervisor::deploy(const config::Service& service, const Origin& origin) {
  Entry& known = entry(service.name);
  known.removed = false;
  auto launch = make_launch_plan(service, {}, listeners_, setup_.inheritance);
  const auto refuse = [&](const std::string& why) {
    record(log::Level::error, core::to_string(core::Happening::deploy_failed), why, service.name);
  };
  if (!launch) return refuse(launch.error().message);
  if (const auto shortage = memory_shortage(*known.service)) return refuse(*shortage);
  known.service->deploy(std::move(*launch), core::WhenBusy::queue, origin, nullptr);
}

// Why a second generation might not fit into memory beside the one that serves.
std::optional<std::string> Supervisor::memory_shortage(const Service& service) const {
  const auto pids = service.serving_pids();
  if (pids.empty()) return std::nullopt;
  return why_memory_is_short({service.serving(), memory_of(pids)}, read_memory_facts());
}

Supervisor::Entry& Supervisor::entry(const std::string& name) {
  auto [found, is_new] = services_.try_emplace(name);
  if (is_new) {
    found->second.service = std::make_unique<Service>(
        name,
        ServiceContext{.io = io_,
                       .journal = journal_,
                       .inheritance = setup_.inheritance,
                       .on_progress = [this] { answer_status_when_complete(); },
                       .on_worker_gone =
                           [this] {
                             if (::getpid() == 1) orphans_.reap();
                           },
                       .remember = setup_.history.remember},
        setup_.history.past(name));
  }
  return found->second;
}

// ---- the end

void Supervisor::shutdown(const std::string& who) {
  if (std::exchange(shutting_down_, true)) {
    record(log::Level::warn, "shutdown", "stopping at once, " + who + " a second time");
    for (auto& [name, known] : services_)
      known.service->stop_now();
    return;
  }
  record(log::Level::info, "shutdown", "shutting down, " + who);
  services_stopping_ = services_.size() + 1;
  for (auto& [name, known] : services_) {
    known.service->stop([this](const admin::Answer&) { on_service_stopped(); });
  }
  boost::asio::post(io_, [this] { on_service_stopped(); });
}

void Supervisor::on_service_stopped() {
  if (--services_stopping_ > 0) return;
  record(log::Level::info, "shutdown", "all services have stopped: closing the listeners");
  // From the event loop, not from inside a service's answer.
  boost::asio::post(io_, [this] {
    services_.clear();
    listeners_.clear();
    setup_.on_stopped();
  });
}

void Supervisor::reopen_log() {
  if (const auto reopened = journal_.log().reopen(); !reopened) {
    record(log::Level::error, "log_reopened", reopened.error().message + "; the old one is kept");
  } else {
    record(log::Level::info, "log_reopened", "log file opened again");
  }
}

void Supervisor::record(log::Level level, std::string kind, std::string text, std::string service) {
  admin::Event event;
  event.kind = std::move(kind);
  event.service = std::move(service);
  event.text = std::move(text);
  journal_.record(level, std::move(event));
}

// ---- admin::Control: operations

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
