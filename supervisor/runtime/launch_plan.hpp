// Everything that the workers of one generation are started with, looked up once, when the deploy
// begins. Whatever changes afterwards, in the config or behind a symlink, a worker that is
// restarted in this generation runs the same. Plain value.
#pragma once

#include "common/result.hpp"
#include "supervisor/config/config.hpp"
#include "supervisor/runtime/credentials.hpp"
#include "supervisor/runtime/listener_set.hpp"
#include "supervisor/runtime/spawn.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton::runtime {

struct LaunchPlan {
  core::ServicePolicy policy;
  std::filesystem::path release;  // the directory's real path
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::optional<Credentials> credentials;
  std::vector<std::string> listener_names;
  std::vector<std::shared_ptr<Listener>> listeners;  // in the order of the names
  config::Split split{};
  std::optional<config::HealthProbe> health;
};

// What a worker gets from the supervisor itself.
struct Inheritance {
  std::vector<std::string> environment;  // see inherited_environment()
  std::optional<rlimit> open_files;      // the limit that batond was started with
  std::filesystem::path probe_dir;       // where its probe listener is made
};

// The supervisor's own environment without what was meant for it alone: the service manager's
// socket, listeners, watchdog and journal (sd_notify(3), sd_listen_fds(3), systemd.exec(5)), and
// the working directory, which is not the worker's.
std::vector<std::string> inherited_environment();

// `release` stands in for the configured directory; empty: the configured one. The environment is
// the inherited one, then HOME, USER and LOGNAME of the service's user, then the configured one,
// and BATON_FD in any case. Errors name the service.
Result<LaunchPlan> make_launch_plan(const config::Service& service,
                                    const std::filesystem::path& release,
                                    const ListenerSet& listeners, const Inheritance& inheritance);

SpawnRequest spawn_request(const LaunchPlan& plan, const Inheritance& inheritance, int channel);

}  // namespace baton::runtime
