#include "common/ipc/claim.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace baton::ipc {

Result<UniqueFd> make_claim() {
  UniqueFd claim(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!claim) return system_error("eventfd", errno);
  return claim;
}

bool take_claim(const UniqueFd& claim) {
  std::uint64_t value = 0;
  // A peer may have sent something that blocks; the flag is the open file's, and set for good.
  if (::fcntl(claim.get(), F_SETFL, O_NONBLOCK) != 0) return false;
  return ::read(claim.get(), &value, sizeof(value)) == sizeof(value) && value == 1;
}

}  // namespace baton::ipc
