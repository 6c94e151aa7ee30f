#include "supervisor/config/table_reader.hpp"
#include "supervisor/config/tables.hpp"

#include <algorithm>

namespace baton::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// In a row; who needs more wants a bake.
constexpr std::int64_t most_probes = 1'000;

// What may follow the method in a request line (RFC 9112, 3.2.1, origin-form): the rest would end
// the target, or never be sent.
bool can_be_requested(std::string_view path) {
  const auto is_visible = [](char c) { return c > ' ' && c <= '~' && c != '#'; };
  return path.starts_with('/') && std::all_of(path.begin(), path.end(), is_visible);
}

HealthProbe read_probe(TableReader& reader) {
  HealthProbe probe;
  probe.path = reader.text("path").value_or(probe.path);
  if (!can_be_requested(probe.path)) {
    reader.complain("path",
                    "must begin with / and hold visible ASCII characters only, and no #, "
                    "not '" +
                        probe.path + "'");
  }
  probe.status = static_cast<unsigned>(reader.number("status", 100, 599).value_or(probe.status));
  probe.timeout = reader.duration("timeout", milliseconds{1}, hours{24}).value_or(probe.timeout);
  return probe;
}

core::HealthGate read_gate(TableReader& reader) {
  core::HealthGate gate;
  const auto count = [&](const char* key, unsigned otherwise) {
    return static_cast<unsigned>(reader.number(key, 1, most_probes).value_or(otherwise));
  };
  gate.interval = reader.duration("interval", milliseconds{1}, hours{24}).value_or(gate.interval);
  gate.successes = count("successes", gate.successes);
  gate.deadline = reader.duration("deadline", milliseconds{1}, hours{24}).value_or(gate.deadline);
  gate.failures = count("failures", gate.failures);
  return gate;
}

// A gate that can't open in time would fail every deploy.
void check_deadline(TableReader& reader, const HealthProbe& probe, const core::HealthGate& gate) {
  if (probe.timeout > gate.deadline) {
    reader.complain_of_conflict("timeout", {"deadline"},
                                "is " + format_duration(probe.timeout) +
                                    ", longer than 'deadline', " + format_duration(gate.deadline));
  }
  const Duration least = gate.interval * (gate.successes - 1);
  if (least >= gate.deadline) {
    reader.complain_of_conflict("deadline", {"successes", "interval"},
                                "is " + format_duration(gate.deadline) + ", but " +
                                    std::to_string(gate.successes) + " successes, one each " +
                                    format_duration(gate.interval) + ", take longer than " +
                                    format_duration(least));
  }
}

}  // namespace

void read_health(TableReader& service_reader, Service& service, ProblemList& problems) {
  const toml::table* const table = service_reader.table("health");
  if (!table) return;
  TableReader reader(*table, "'health' in " + service_reader.name(), problems);
  service.health = read_probe(reader);
  service.policy.health = read_gate(reader);
  check_deadline(reader, *service.health, *service.policy.health);
  reader.finish();
}

}  // namespace baton::config
