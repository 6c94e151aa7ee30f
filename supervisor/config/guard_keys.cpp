#include "supervisor/config/table_reader.hpp"
#include "supervisor/config/tables.hpp"

namespace baton::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Need = TableReader::Need;

constexpr std::size_t most_canary_steps = 32;
// More than 99 percent can't be exceeded.
constexpr std::int64_t largest_error_share = 99;
constexpr std::int64_t most_requests_before = 1'000'000;
constexpr std::int64_t least_generations = 2;  // the one that serves and the one being deployed
constexpr std::int64_t most_generations = 16;

// Weights rise: a step that gives no more than the one before only waits, for it can show nothing
// that has not been shown.
core::CanaryStep read_step(TableReader& reader, unsigned weight_before) {
  core::CanaryStep step;
  const auto weight = reader.number("weight", 1, 100, Need::required);
  if (weight) step.weight = static_cast<unsigned>(*weight);
  if (weight && step.weight <= weight_before) {
    reader.complain("weight", "must be more than in the step before, " +
                                  std::to_string(weight_before) + ", not " +
                                  std::to_string(step.weight));
  }
  const auto duration = reader.duration("for", milliseconds{1}, hours{24}, Need::required);
  step.duration = duration.value_or(step.duration);
  reader.finish();
  return step;
}

std::vector<core::CanaryStep> read_canary(TableReader& service, ProblemList& problems) {
  std::vector<core::CanaryStep> steps;
  for (const toml::table* const table : service.tables("canary")) {
    const std::string name = "step " + std::to_string(steps.size() + 1) + " of 'canary' in ";
    TableReader reader(*table, name + service.name(), problems);
    steps.push_back(read_step(reader, steps.empty() ? 0 : steps.back().weight));
  }
  if (steps.size() > most_canary_steps) {
    service.complain("canary", "has more than " + std::to_string(most_canary_steps) + " steps");
  }
  return steps;
}

Split read_split(TableReader& reader, const core::ServicePolicy& policy) {
  if (!reader.one_of("sticky", {"client-ip"})) return Split::at_random;
  if (policy.canary.empty()) {
    reader.complain_of_conflict("sticky", {"canary"},
                                "says how a canary is split, and there is no 'canary'; add one, "
                                "or remove it");
  }
  return Split::by_client_address;
}

std::optional<core::ErrorLimit> read_error_limit(TableReader& service,
                                                 const core::ServicePolicy& policy,
                                                 ProblemList& problems) {
  const toml::table* const table = service.table("error_limit");
  if (!table) return std::nullopt;
  TableReader reader(*table, "'error_limit' in " + service.name(), problems);
  core::ErrorLimit limit;
  const auto percent = reader.number("percent", 0, largest_error_share, Need::required);
  if (percent) limit.percent = static_cast<unsigned>(*percent);
  const auto at_least = reader.number("at_least", 1, most_requests_before);
  if (at_least) limit.at_least = static_cast<std::uint64_t>(*at_least);
  reader.finish();
  if (policy.canary.empty() && policy.bake == Duration{0}) {
    service.complain_of_conflict("error_limit", {"canary", "bake"},
                                 "is looked at in a canary or a bake, and there is neither; add "
                                 "one, or remove it");
  }
  return limit;
}

}  // namespace

void read_guards(TableReader& reader, Service& service, ProblemList& problems) {
  core::ServicePolicy& policy = service.policy;
  read_health(reader, service, problems);
  policy.canary = read_canary(reader, problems);
  service.split = read_split(reader, policy);
  policy.bake = reader.duration("bake", Duration{0}, hours{24}).value_or(policy.bake);
  policy.standby = reader.duration("standby", Duration{0}, hours{24}).value_or(policy.standby);
  policy.error_limit = read_error_limit(reader, policy, problems);
  const auto generations = reader.number("max_generations", least_generations, most_generations);
  policy.max_generations = static_cast<unsigned>(generations.value_or(policy.max_generations));
}

}  // namespace baton::config
