// Who a worker runs as. Looked up before the fork: the name service is not async-signal-safe.
#pragma once

#include "common/result.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace baton::runtime {

struct Credentials {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // all supplementary ones
  std::string user;           // name and home as passwd(5) has them
  std::string home;
};

// Empty names mean the supervisor's own; nullopt when there is nothing to change. Errc::not_found:
// no such user or group. Errc::not_permitted: only root may become somebody else.
Result<std::optional<Credentials>> look_up_credentials(const std::string& user,
                                                       const std::string& group);

}  // namespace baton::runtime
