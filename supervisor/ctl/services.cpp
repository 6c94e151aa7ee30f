#include "supervisor/ctl/services.hpp"

#include "common/admin/api_json.hpp"
#include "common/nearest.hpp"

#include <vector>

namespace baton::ctl {

Result<admin::Status> ask_status(Client& client) {
  Json json;
  if (const auto error = client.get("/v1/status", json)) return *error;
  auto status = admin::decode<admin::Status>(json);
  if (!status) {
    return Error{Errc::system, "the supervisor's status is unreadable: " + status.error().message};
  }
  return status;
}

Result<admin::ServiceStatus> find_service(const admin::Status& status, const std::string& name) {
  std::vector<std::string> names;
  for (const admin::ServiceStatus& service : status.services) {
    if (service.name == name) return service;
    names.push_back(service.name);
  }
  const auto meant = nearest(name, names);
  return Error{Errc::not_found, "there is no service '" + name + "'" +
                                    (meant ? "; did you mean '" + *meant + "'?" : "")};
}

}  // namespace baton::ctl
