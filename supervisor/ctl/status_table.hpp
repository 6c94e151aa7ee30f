// The status as a person reads it. Pure.
#pragma once

#include "common/admin/api.hpp"
#include "supervisor/ctl/session.hpp"

#include <string>

namespace baton::ctl {

// Serves with all the workers that it should have. A deploy or a drain under way does not matter.
bool is_running(const admin::ServiceStatus& service);

std::string format_status(const admin::Status& status, Colour colour);

// "42s", "3h12m", "5d4h": two units, no more.
std::string format_age(std::int64_t milliseconds);

}  // namespace baton::ctl
