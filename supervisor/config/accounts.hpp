// Whether a service can run as the user and group that the config names: getpwnam(3), getgrnam(3).
#pragma once

#include "common/result.hpp"

#include <string>

namespace baton::config {

// Errc::not_found: no such account. Errc::not_permitted: it is not our own, and we are not root.
// Errc::system: the lookup itself failed.
Result<void> check_user(const std::string& name);
Result<void> check_group(const std::string& name);

}  // namespace baton::config
