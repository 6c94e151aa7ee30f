// The supervisor's status, and the services in it.
#pragma once

#include "common/admin/api.hpp"
#include "common/result.hpp"
#include "supervisor/ctl/client.hpp"

#include <string>

namespace baton::ctl {

Result<admin::Status> ask_status(Client& client);

// Errc::not_found names the service that is not there, and one that may have been meant.
Result<admin::ServiceStatus> find_service(const admin::Status& status, const std::string& name);

}  // namespace baton::ctl
