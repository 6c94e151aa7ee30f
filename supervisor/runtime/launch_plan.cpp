#include "supervisor/runtime/launch_plan.hpp"

#include "common/protocol/messages.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

namespace baton::runtime {
namespace {

constexpr std::array<std::string_view, 12> not_for_workers{
    "NOTIFY_SOCKET", "LISTEN_FDS",   "LISTEN_PID", "LISTEN_FDNAMES",
    "WATCHDOG_USEC", "WATCHDOG_PID", "MAINPID",    "JOURNAL_STREAM",
    "INVOCATION_ID", "BATON_FD",     "PWD",        "OLDPWD"};

using Variables = std::map<std::string, std::string, std::less<>>;

Variables variables(const config::Service& service, const std::optional<Credentials>& credentials,
                    const std::vector<std::string>& inherited) {
  Variables out;
  for (const std::string& variable : inherited) {
    const std::size_t equals = variable.find('=');
    if (equals != std::string::npos) {
      out.emplace(variable.substr(0, equals), variable.substr(equals + 1));
    }
  }
  if (credentials) {
    out["HOME"] = credentials->home;
    out["USER"] = credentials->user;
    out["LOGNAME"] = credentials->user;
  }
  for (const auto& [name, value] : service.environment)
    out[name] = value;
  out[protocol::channel_variable] = std::to_string(worker_channel_fd);
  return out;
}

Result<std::filesystem::path> resolve(const std::filesystem::path& directory) {
  std::error_code error;
  auto real = std::filesystem::canonical(directory, error);
  if (error) {
    return Error{Errc::invalid_input,
                 "release directory " + directory.string() + ": " + error.message()};
  }
  if (!std::filesystem::is_directory(real, error)) {
    return Error{Errc::invalid_input, "release directory " + real.string() + " is not a directory"};
  }
  return real;
}

}  // namespace

std::vector<std::string> inherited_environment() {
  std::vector<std::string> out;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    if (std::ranges::find(not_for_workers, name) == not_for_workers.end()) out.emplace_back(text);
  }
  return out;
}

Result<LaunchPlan> make_launch_plan(const config::Service& service,
                                    const std::filesystem::path& release,
                                    const ListenerSet& listeners, const Inheritance& inheritance) {
  const auto fail = [&](const Error& error) {
    return Error{error.code, "service " + service.name + ": " + error.message};
  };
  auto real = resolve(release.empty() ? service.directory : release);
  if (!real) return fail(real.error());
  auto credentials = look_up_credentials(service.user, service.group);
  if (!credentials) return fail(credentials.error());

  LaunchPlan plan{.policy = service.policy,
                  .release = std::move(*real),
                  .command = service.command,
                  .environment = {},
                  .credentials = std::move(*credentials),
                  .listener_names = service.listeners,
                  .listeners = {},
                  .split = service.split,
                  .health = service.health};
  for (auto& [name, value] : variables(service, plan.credentials, inheritance.environment)) {
    plan.environment.push_back(name + "=" + value);
  }
  for (const std::string& name : service.listeners) {
    auto listener = listeners.find(name);
    if (!listener) return fail({Errc::not_found, "there is no listener '" + name + "'"});
    plan.listeners.push_back(std::move(listener));
  }
  plan.policy.two_lanes = std::ranges::all_of(
      plan.listeners, [](const auto& listener) { return listener->lanes().size() == 2; });
  return plan;
}

SpawnRequest spawn_request(const LaunchPlan& plan, const Inheritance& inheritance, int channel) {
  return {.command = plan.command,
          .directory = plan.release,
          .environment = plan.environment,
          .credentials = plan.credentials,
          .open_files = inheritance.open_files,
          .channel = channel};
}

}  // namespace baton::runtime
