// Message passing with file descriptors over a SOCK_SEQPACKET Unix socket: unix(7), cmsg(3).
// The only place that touches cmsghdr. Stateless functions on a borrowed fd: one sender and one
// receiver at a time per end, no locking. Failure never leaks an fd: what arrived with a message
// that is refused is closed.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::ipc {

inline constexpr std::size_t max_message_bytes = std::size_t{64} * 1024;
inline constexpr std::size_t max_message_fds = 250;  // the kernel's limit is 253 (SCM_MAX_FD)

struct Message {
  std::string bytes;
  std::vector<UniqueFd> fds;  // close-on-exec
};

// Two connected ends, both close-on-exec and non-blocking.
Result<std::pair<UniqueFd, UniqueFd>> make_channel();

// Sends one message whole. The fds are borrowed: the kernel holds its own references once this
// returns. Never blocks: Errc::would_block when the receiver does not read, Errc::closed when it is
// gone, Errc::too_large over a limit above (nothing is sent).
Result<void> send(const UniqueFd& channel, std::string_view bytes, std::span<const int> fds = {});

// Receives one message whole. Never blocks: Errc::would_block when there is none, Errc::closed at
// the end of the stream, Errc::too_large when the bytes or the fds did not fit (MSG_TRUNC,
// MSG_CTRUNC): the message is then lost and its fds closed.
Result<Message> receive(const UniqueFd& channel);

}  // namespace baton::ipc
