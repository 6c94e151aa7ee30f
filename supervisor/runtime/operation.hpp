// What an operator's request means to the runtime: small translations, pure but for user_name().
#pragma once

#include "common/admin/api.hpp"
#include "common/result.hpp"
#include "supervisor/core/event.hpp"
#include "supervisor/runtime/launch_plan.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace baton::runtime {

// The uid and, where passwd(5) has one, the name: "alice (uid 1000)".
std::string person(uid_t uid);

// For a record: "deploy", "rollback", ...
std::string kind_of(const admin::Operation& operation);

// The verb must be one of the four that steer.
core::Steer steering(admin::Verb verb);

// "items-4" of the service items is 4; an empty id is 0. Errc::invalid_input: it is no such id.
Result<core::GenerationNumber> generation_of(const std::string& deploy_id,
                                             const std::string& service);

// What a deploy of the plan would do, a sentence a step.
std::vector<std::string> steps_of(const LaunchPlan& plan, core::GenerationNumber serving);

}  // namespace baton::runtime
