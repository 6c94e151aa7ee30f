// The config file as validated values: what load() returns is complete, consistent and safe to act
// on. Plain values, no I/O except in load(). docs/configuration.md lists every key.
#pragma once

#include "common/duration.hpp"
#include "common/net/address.hpp"
#include "common/result.hpp"
#include "supervisor/core/types.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::config {

enum class LogFormat { text, json };

struct Supervisor {
  std::filesystem::path runtime_dir;  // absolute; control.sock and batond.pid
  std::filesystem::path state_dir;    // absolute
  std::filesystem::path log_file;     // empty: standard error
  std::string log_level = "info";     // trace debug info warn error
  LogFormat log_format = LogFormat::text;
  unsigned history = 1000;  // deploys that are remembered
  bool operator==(const Supervisor&) const = default;
};

struct Listener {
  std::string name;
  net::Address address;
  int backlog = 4096;
  bool operator==(const Listener&) const = default;
};

// What the supervisor asks each worker of a new generation, over HTTP. When, and how often, is in
// the policy.
struct HealthProbe {
  std::string path = "/healthz";
  unsigned status = 200;  // that the answer must have
  Duration timeout{1'000};
  bool operator==(const HealthProbe&) const = default;
};

// How a canary's share of the new connections is picked.
enum class Split { at_random, by_client_address };

struct Service {
  std::string name;
  std::vector<std::string> command;  // at least the program; relative to `directory`
  std::filesystem::path directory;   // absolute, not yet resolved: that happens at every deploy
  std::vector<std::string> listeners;
  std::map<std::string, std::string> environment;
  std::string user;   // empty: the supervisor's own
  std::string group;  // empty: the user's own
  core::ServicePolicy policy;
  std::optional<HealthProbe> health{};  // there exactly when policy.health is
  Split split = Split::at_random;
  bool operator==(const Service&) const = default;
};

struct Config {
  Supervisor supervisor;
  std::map<std::string, Listener> listeners;
  std::map<std::string, Service> services;
  bool operator==(const Config&) const = default;
};

// One mistake, as a person wants it: what is wrong, where, and the remedy.
struct Problem {
  std::string file;
  unsigned line = 0;  // 0: the file as a whole
  unsigned column = 0;
  std::string message;
};

// "FILE:LINE:COLUMN: message"
std::string format_problem(const Problem& problem);

// Every problem of the file at once, in the order of the file; never empty.
struct Problems {
  std::vector<Problem> list;
};

// Each problem on a line of its own.
std::string format_problems(const Problems& problems);

[[noreturn]] void throw_exception_from_error(const Problems& problems,
                                             const boost::source_location& where);

using Loaded = boost::system::result<Config, Problems>;

// Larger files are refused unread.
inline constexpr std::size_t max_file_bytes = 1024 * 1024;

// Reads and checks a file. Never throws; a file that can't be read is a problem like any other.
Loaded load(const std::filesystem::path& file);

// The same for a text. `file` names it in problems. Users and groups are looked up (getpwnam(3)).
Loaded parse(std::string_view text, const std::string& file);

}  // namespace baton::config
