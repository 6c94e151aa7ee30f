// Whether a service can run as the user and group that the config names: getpwnam(3), getgrnam(3).
#pragma once

#include "common/result.hpp"

#include <string>

namespace baton::config {

// An empty name is always right. Errc::not_found: no such account. Errc::not_permitted: only root
// can run a service as somebody else.
Result<void> check_user(const std::string& name);
Result<void> check_group(const std::string& name);

}  // namespace baton::config
