#include "supervisor/runtime/operation.hpp"

#include "common/admin/api_json.hpp"

#include <pwd.h>

#include <array>
#include <charconv>
#include <string_view>

namespace baton::runtime {

std::string person(uid_t uid) {
  const std::string number = "uid " + std::to_string(uid);
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found ? std::string(found->pw_name) + " (" + number + ")" : number;
}

std::string kind_of(const admin::Operation& operation) {
  return admin::to_string(operation.verb);
}

core::Steer steering(admin::Verb verb) {
  switch (verb) {
    case admin::Verb::promote:
      return core::Steer::promote;
    case admin::Verb::pause:
      return core::Steer::pause;
    case admin::Verb::resume:
      return core::Steer::resume;
    default:
      return core::Steer::abort;
  }
}

Result<core::GenerationNumber> generation_of(const std::string& deploy_id,
                                             const std::string& service) {
  if (deploy_id.empty()) return core::GenerationNumber{0};
  const std::string prefix = service + "-";
  core::GenerationNumber number = 0;
  if (deploy_id.starts_with(prefix)) {
    const std::string_view digits = std::string_view(deploy_id).substr(prefix.size());
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error == std::errc{} && end == digits.end() && number > 0) return number;
  }
  return Error{Errc::invalid_input, "'" + deploy_id.substr(0, 80) + "' is no deploy of " + service +
                                        "; those are " + prefix + "1, " + prefix + "2, ..."};
}

std::vector<std::string> steps_of(const LaunchPlan& plan, core::GenerationNumber serving) {
  const core::ServicePolicy& policy = plan.policy;
  std::vector<std::string> steps;
  steps.push_back("start " + std::to_string(policy.workers) + " worker(s) of " +
                  plan.release.string() + ", ready within " +
                  format_duration(policy.ready_timeout));
  if (policy.health) {
    steps.push_back("probe each: GET " + plan.health->path + " answered with " +
                    std::to_string(plan.health->status) + ", " +
                    std::to_string(policy.health->successes) + " time(s) in a row within " +
                    format_duration(policy.health->deadline));
  }
  if (serving == 0) {
    steps.emplace_back("accept; nothing serves now that would have to drain");
    return steps;
  }
  for (const core::CanaryStep& step : policy.canary) {
    steps.push_back("canary: " + std::to_string(step.weight) + " % of the new connections for " +
                    format_duration(step.duration));
  }
  steps.push_back("cut over; generation " + std::to_string(serving) + " drains within " +
                  format_duration(policy.drain_timeout));
  if (policy.bake > Duration{0}) {
    steps.push_back("bake for " + format_duration(policy.bake) +
                    ", and roll back should there be trouble");
  }
  if (policy.standby > Duration{0}) {
    steps.push_back("keep generation " + std::to_string(serving) + " warm for " +
                    format_duration(policy.standby));
  }
  return steps;
}

}  // namespace baton::runtime
