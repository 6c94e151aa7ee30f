#include "supervisor/runtime/supervisor.hpp"

#include "supervisor/runtime/memory_check.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

namespace baton::runtime {
namespace {

// Of the services' listeners, those whose connections a canary will split.
std::set<std::string> to_be_split(const config::Config& config) {
  std::set<std::string> names;
  for (const auto& [name, service] : config.services) {
    if (service.policy.canary.empty()) continue;
    names.insert(service.listeners.begin(), service.listeners.end());
  }
  return names;
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
  const MemoryFacts facts = read_memory_facts();
  // Nearly always enough; and what follows may hold up a worker that has much.
  if (!why_memory_is_short({service.serving(), most_memory_of(pids)}, facts)) return std::nullopt;
  return why_memory_is_short({service.serving(), memory_of(pids)}, facts);
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

}  // namespace baton::runtime
