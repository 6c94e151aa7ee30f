#include "supervisor/config/accounts.hpp"
#include "supervisor/config/table_reader.hpp"
#include "supervisor/config/tables.hpp"

#include <algorithm>

namespace baton::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Need = TableReader::Need;

constexpr std::int64_t most_workers = 512;
// All of a service's listeners ride on one message to a worker, which holds at most 250.
constexpr std::size_t most_listeners_of_a_service = 64;

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
    reader.complain_of_conflict("max", {"initial"},
                                "is " + format_duration(limits.max) + ", shorter than 'initial', " +
                                    format_duration(limits.initial));
  }
  reader.finish();
  return limits;
}

core::ServicePolicy read_policy(TableReader& reader, ProblemList& problems) {
  core::ServicePolicy policy;
  const auto time = [&](const char* key, Duration least, Duration otherwise) {
    return reader.duration(key, least, hours{24}).value_or(otherwise);
  };
  const auto workers = reader.number("workers", 1, most_workers);
  policy.workers = static_cast<unsigned>(workers.value_or(policy.workers));
  policy.ready_timeout = time("ready_timeout", milliseconds{1}, policy.ready_timeout);
  policy.drain_timeout = time("drain_timeout", milliseconds{1}, policy.drain_timeout);
  policy.kill_grace = time("kill_grace", milliseconds{1}, policy.kill_grace);
  policy.restart = read_restart(reader, problems);
  return policy;
}

std::vector<std::string> read_command(TableReader& reader) {
  const auto command = reader.required_texts("command");
  if (!command.empty() && command.front().empty()) {
    reader.complain("command", "must begin with a program, not with an empty string");
  }
  return command;
}

std::vector<std::string> read_listeners(TableReader& reader,
                                        const std::vector<std::string>& existing) {
  const auto names = reader.required_texts("listeners");
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(existing.begin(), existing.end(), *name) == existing.end()) {
      reader.complain_of_item("listeners", *name,
                              "names '" + *name + "', but there is no [listeners." + *name + "]" +
                                  did_you_mean(*name, existing));
    } else if (std::count(names.begin(), name, *name) == 1) {
      reader.complain_of_item("listeners", *name, "names '" + *name + "' twice");
    }
  }
  if (names.size() > most_listeners_of_a_service) {
    reader.complain("listeners", "names more than " + std::to_string(most_listeners_of_a_service));
  }
  return names;
}

std::string read_account(TableReader& reader, const std::string& key,
                         Result<void> (*check)(const std::string&)) {
  const auto name = reader.text(key);
  if (!name) return "";
  if (const auto checked = check(*name); !checked) {
    reader.complain(key, "is wrong: " + checked.error().message);
  }
  return *name;
}

}  // namespace

Service read_service(const std::string& name, const toml::table& table,
                     const std::vector<std::string>& listeners, ProblemList& problems) {
  TableReader reader(table, "[services." + name + "]", problems);
  Service service;
  service.name = name;
  service.command = read_command(reader);
  service.directory = reader.absolute_path("directory", Need::required).value_or("");
  service.listeners = read_listeners(reader, listeners);
  service.environment = reader.environment("environment");
  service.user = read_account(reader, "user", check_user);
  service.group = read_account(reader, "group", check_group);
  service.policy = read_policy(reader, problems);
  read_guards(reader, service, problems);
  reader.finish();
  return service;
}

}  // namespace baton::config
