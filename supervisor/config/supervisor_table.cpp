#include "supervisor/config/table_reader.hpp"
#include "supervisor/config/tables.hpp"

#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace baton::config {
namespace {

// One deploy a minute, for almost two years.
constexpr std::int64_t most_history = 1'000'000;

std::filesystem::path absolute_or(const char* variable, const std::filesystem::path& otherwise) {
  const char* const value = std::getenv(variable);
  return value && *value == '/' ? std::filesystem::path(value) : otherwise;
}

// Also where batonctl looks for the socket.
std::filesystem::path default_runtime_dir() {
  if (::geteuid() == 0) return "/run/baton";
  return absolute_or("XDG_RUNTIME_DIR", "/run") / "baton";
}

std::filesystem::path default_state_dir() {
  if (::geteuid() == 0) return "/var/lib/baton";
  const std::filesystem::path home = absolute_or("HOME", "/");
  return absolute_or("XDG_STATE_HOME", home / ".local/state") / "baton";
}

// The admin socket has to fit into an address (unix(7)).
void check_socket_path(TableReader& reader, const std::filesystem::path& runtime_dir) {
  const std::size_t most = sizeof(sockaddr_un::sun_path) - 1 - std::string("/control.sock").size();
  if (runtime_dir.native().size() <= most) return;
  reader.complain("runtime_dir", "is longer than " + std::to_string(most) +
                                     " bytes, so that its control.sock can't be bound");
}

}  // namespace

Supervisor read_supervisor(const toml::table* table, ProblemList& problems) {
  const toml::table empty;
  TableReader reader(table ? *table : empty, "[supervisor]", problems);
  Supervisor supervisor;
  supervisor.runtime_dir = reader.absolute_path("runtime_dir").value_or(default_runtime_dir());
  check_socket_path(reader, supervisor.runtime_dir);
  supervisor.state_dir = reader.absolute_path("state_dir").value_or(default_state_dir());
  supervisor.log_file = reader.absolute_path("log_file").value_or("");
  supervisor.log_level = reader.one_of("log_level", {"trace", "debug", "info", "warn", "error"})
                             .value_or(supervisor.log_level);
  const bool json = reader.one_of("log_format", {"text", "json"}) == "json";
  supervisor.log_format = json ? LogFormat::json : LogFormat::text;
  const auto history = reader.number("history", 1, most_history);
  supervisor.history = static_cast<unsigned>(history.value_or(supervisor.history));
  reader.finish();
  return supervisor;
}

}  // namespace baton::config
