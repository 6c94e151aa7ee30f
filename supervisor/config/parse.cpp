// The schema of the config file: one function a table. docs/configuration.md is its other form.
#include "supervisor/config/accounts.hpp"
#include "supervisor/config/config.hpp"
#include "supervisor/config/table_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

namespace baton::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Need = TableReader::Need;

constexpr std::int64_t most_workers = 512;
constexpr std::int64_t longest_backlog = 65'535;
constexpr std::size_t most_listeners_of_a_service = 64;
constexpr std::size_t longest_name = 64;

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= longest_name &&
         std::all_of(text.begin(), text.end(), allowed);
}

// The directory of this kind for an ordinary user (XDG Base Directory Specification).
std::filesystem::path user_directory(const char* variable, const char* below_home) {
  if (const char* const set = std::getenv(variable); set && *set == '/') return set;
  const char* const home = std::getenv("HOME");
  return std::filesystem::path(home && *home == '/' ? home : "/tmp") / below_home;
}

std::filesystem::path default_runtime_dir() {
  if (::geteuid() == 0) return "/run/baton";
  return user_directory("XDG_RUNTIME_DIR", ".cache") / "baton";
}

std::filesystem::path default_state_dir() {
  if (::geteuid() == 0) return "/var/lib/baton";
  return user_directory("XDG_STATE_HOME", ".local/state") / "baton";
}

std::filesystem::path absolute_path(TableReader& reader, const std::string& key,
                                    std::filesystem::path otherwise, Need need = Need::optional) {
  const auto text = reader.text(key, need);
  if (!text) return otherwise;
  if (text->front() == '/') return *text;
  reader.complain(
      key, "'" + key + "' in " + reader.name() + " must be an absolute path, not '" + *text + "'");
  return otherwise;
}

template <std::size_t count>
std::string one_of(TableReader& reader, const std::string& key,
                   const std::array<const char*, count>& words, std::string otherwise) {
  const auto text = reader.text(key);
  if (!text) return otherwise;
  if (std::find(words.begin(), words.end(), *text) != words.end()) return *text;
  std::string list;
  for (const char* const word : words)
    list += (list.empty() ? "" : ", ") + std::string(word);
  reader.complain(key, "'" + key + "' in " + reader.name() + " must be one of " + list + ", not '" +
                           *text + "'");
  return otherwise;
}

Supervisor read_supervisor(const toml::table* table, ProblemList& problems) {
  static const toml::table empty;
  TableReader reader(table ? *table : empty, "[supervisor]", problems);
  Supervisor supervisor;
  supervisor.runtime_dir = absolute_path(reader, "runtime_dir", default_runtime_dir());
  supervisor.state_dir = absolute_path(reader, "state_dir", default_state_dir());
  supervisor.log_file = absolute_path(reader, "log_file", {});
  supervisor.log_level =
      one_of(reader, "log_level", std::array{"trace", "debug", "info", "warn", "error"}, "info");
  const std::string format = one_of(reader, "log_format", std::array{"text", "json"}, "text");
  supervisor.log_format = format == "json" ? LogFormat::json : LogFormat::text;
  reader.finish();
  return supervisor;
}

Listener read_listener(const std::string& name, const toml::table& table, ProblemList& problems) {
  TableReader reader(table, "[listeners." + name + "]", problems);
  Listener listener;
  listener.name = name;
  if (const auto text = reader.text("address", Need::required)) {
    const auto address = net::parse_address(*text);
    if (address) {
      listener.address = *address;
    } else {
      reader.complain("address", address.error().message);
    }
  }
  listener.backlog = static_cast<int>(reader.number("backlog", 1, longest_backlog).value_or(4096));
  reader.finish();
  return listener;
}

core::RestartLimits read_restart(TableReader& service, ProblemList& problems) {
  core::RestartLimits limits;
  const toml::table* const table = service.table("restart");
  if (!table) return limits;
  TableReader reader(*table, "'restart' in " + service.name(), problems);
  limits.initial = reader.duration("initial", milliseconds{1}, hours{1}).value_or(limits.initial);
  limits.max = reader.duration("max", milliseconds{1}, hours{24}).value_or(limits.max);
  limits.limit = static_cast<unsigned>(reader.number("limit", 1, 1000).value_or(limits.limit));
  limits.within = reader.duration("within", milliseconds{1}, hours{24}).value_or(limits.within);
  if (limits.max < limits.initial) {
    reader.complain("max", "'max' in " + reader.name() + " is shorter than 'initial'");
  }
  reader.finish();
  return limits;
}

core::ServicePolicy read_policy(TableReader& reader, ProblemList& problems) {
  core::ServicePolicy policy;
  policy.workers = static_cast<unsigned>(reader.number("workers", 1, most_workers).value_or(1));
  const auto read = [&](const char* key, Duration least, Duration otherwise) {
    return reader.duration(key, least, hours{24}).value_or(otherwise);
  };
  policy.ready_timeout = read("ready_timeout", milliseconds{1}, policy.ready_timeout);
  policy.drain_timeout = read("drain_timeout", milliseconds{0}, policy.drain_timeout);
  policy.kill_grace = read("kill_grace", milliseconds{1}, policy.kill_grace);
  policy.restart = read_restart(reader, problems);
  return policy;
}

Service read_service(const std::string& name, const toml::table& table, const Config& config,
                     ProblemList& problems) {
  TableReader reader(table, "[services." + name + "]", problems);
  Service service;
  service.name = name;
  service.command = reader.texts("command", Need::required);
  if (!service.command.empty() && service.command.front().empty()) {
    reader.complain("command", "the program in 'command' in " + reader.name() + " is empty");
  }
  service.directory = absolute_path(reader, "directory", "/", Need::required);
  service.listeners = reader.texts("listeners", Need::required);
  for (const std::string& listener : service.listeners) {
    if (config.listeners.contains(listener)) continue;
    reader.complain("listeners", "there is no [listeners." + listener + "] for " + reader.name());
  }
  std::vector<std::string> sorted = service.listeners;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    reader.complain("listeners", "'listeners' in " + reader.name() + " names one twice");
  }
  if (sorted.size() > most_listeners_of_a_service) {
    reader.complain("listeners", "'listeners' in " + reader.name() + " has more than " +
                                     std::to_string(most_listeners_of_a_service));
  }
  service.environment = reader.text_map("environment");
  service.user = reader.text("user").value_or("");
  if (const auto user = check_user(service.user); !user)
    reader.complain("user", user.error().message);
  service.group = reader.text("group").value_or("");
  if (const auto group = check_group(service.group); !group) {
    reader.complain("group", group.error().message);
  }
  service.policy = read_policy(reader, problems);
  for (const char* const later : {"health", "standby", "bake", "canary"}) {
    reader.not_supported_yet(later);
  }
  reader.finish();
  return service;
}

// Calls `read` for each named table below [<section>.NAME].
template <class Read>
void each_named(const toml::table* section, const std::string& section_name, ProblemList& problems,
                Read read) {
  if (!section) return;
  for (const auto& [key, node] : *section) {
    const std::string name{key.str()};
    if (!is_name(name)) {
      problems.add(key.source(), "bad name '" + name + "' in [" + section_name +
                                     "]: 1 to 64 of a-z, 0-9, '_' and '-'");
    } else if (const toml::table* const table = node.as_table()) {
      read(name, *table);
    } else {
      problems.add(node.source(), "[" + section_name + "." + name + "] must be a table");
    }
  }
}

void check_addresses(const toml::table* section, const Config& config, ProblemList& problems) {
  std::map<std::string, std::string> taken;
  for (const auto& [name, listener] : config.listeners) {
    const std::string address = net::format_address(listener.address);
    const bool any_port = address.ends_with(":0");
    const auto [first, inserted] = taken.emplace(address, name);
    if (inserted || any_port) continue;
    problems.add(section->get(name)->source(), "[listeners." + name + "] has the address " +
                                                   address + " of [listeners." + first->second +
                                                   "]");
  }
}

Config read_config(const toml::table& root, ProblemList& problems) {
  TableReader reader(root, "the file", problems);
  Config config;
  config.supervisor = read_supervisor(reader.table("supervisor"), problems);

  const toml::table* const listeners = reader.table("listeners");
  each_named(listeners, "listeners", problems,
             [&](const std::string& name, const toml::table& table) {
               config.listeners.emplace(name, read_listener(name, table, problems));
             });
  const toml::table* const services = reader.table("services");
  each_named(services, "services", problems,
             [&](const std::string& name, const toml::table& table) {
               config.services.emplace(name, read_service(name, table, config, problems));
             });
  reader.finish();
  if (problems.empty()) check_addresses(listeners, config, problems);
  if (problems.empty() && config.services.empty()) {
    problems.add_for_file("there is no service; add a [services.NAME] table");
  }
  return config;
}

}  // namespace

Loaded parse(std::string_view text, const std::string& file) {
  ProblemList problems(file);
  try {
    const toml::table root = toml::parse(text, file);
    Config config = read_config(root, problems);
    if (problems.empty()) return config;
  } catch (const toml::parse_error& error) {
    problems.add(error.source(), std::string(error.description()));
  }
  return problems.sorted();
}

Loaded load(const std::filesystem::path& file) {
  ProblemList problems(file.string());
  const auto refuse = [&](const std::string& why) -> Loaded {
    problems.add_for_file(why);
    return problems.sorted();
  };
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (error || !std::filesystem::exists(status)) return refuse("the file does not exist");
  if (!std::filesystem::is_regular_file(status)) return refuse("it is not a regular file");
  if (std::filesystem::file_size(file, error) > max_file_bytes) {
    return refuse("the file is larger than 1 MiB");
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf() || stream.peek() == std::ifstream::traits_type::eof())) {
    return refuse("the file can't be read: " + std::generic_category().message(errno));
  }
  return parse(text.str(), file.string());
}

}  // namespace baton::config
