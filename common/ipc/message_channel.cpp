#include "common/ipc/message_channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace baton::ipc {
namespace {

constexpr std::size_t control_bytes = CMSG_SPACE(sizeof(int) * (max_message_fds + 3));

Error channel_error(std::string_view call, int error_number) {
  switch (error_number) {
    case EAGAIN:
      return {Errc::would_block, "the channel is not ready"};
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
      return {Errc::closed, "the other side has closed the channel"};
    default:
      return system_error(call, error_number);
  }
}

template <class Call>
ssize_t retry_interrupted(Call call) {
  ssize_t result = 0;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

// Takes over every fd that the kernel has put into our table, wanted or not.
std::vector<UniqueFd> adopt_fds(msghdr& header) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> make_channel() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    return system_error("socketpair", errno);
  }
  return std::pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<void> send(const UniqueFd& channel, std::string_view bytes, std::span<const int> fds) {
  if (bytes.empty()) return Error{Errc::invalid_input, "an empty message can't be sent"};
  if (bytes.size() > max_message_bytes) {
    return Error{Errc::too_large, "a message of " + std::to_string(bytes.size()) +
                                      " bytes is over the limit of " +
                                      std::to_string(max_message_bytes)};
  }
  if (fds.size() > max_message_fds) {
    return Error{Errc::too_large, "a message with " + std::to_string(fds.size()) +
                                      " file descriptors is over the limit of " +
                                      std::to_string(max_message_fds)};
  }

  iovec data{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<unsigned char, control_bytes> control{};
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }

  const ssize_t sent = retry_interrupted(
      [&] { return ::sendmsg(channel.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT); });
  if (sent < 0) return channel_error("sendmsg", errno);
  return {};
}

Result<Message> receive(const UniqueFd& channel) {
  Message message;
  message.bytes.resize(max_message_bytes);
  iovec data{message.bytes.data(), message.bytes.size()};
  alignas(cmsghdr) std::array<unsigned char, control_bytes> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();

  const auto receive_once = [&] {
    return retry_interrupted(
        [&] { return ::recvmsg(channel.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT); });
  };
  ssize_t received = receive_once();
  // Reported once, ahead of what is queued, when the other side went with messages of ours unread:
  // its own last messages are still there.
  if (received < 0 && errno == ECONNRESET) received = receive_once();
  if (received < 0) return channel_error("recvmsg", errno);
  message.fds = adopt_fds(header);
  if (received == 0) return Error{Errc::closed, "the other side has closed the channel"};

  if (header.msg_flags & MSG_TRUNC) {
    return Error{Errc::too_large,
                 "a message is over the limit of " + std::to_string(max_message_bytes) + " bytes"};
  }
  if ((header.msg_flags & MSG_CTRUNC) || message.fds.size() > max_message_fds) {
    return Error{Errc::too_large, "the file descriptors of a message did not fit (over " +
                                      std::to_string(max_message_fds) +
                                      ", or over this process's RLIMIT_NOFILE)"};
  }
  message.bytes.resize(static_cast<std::size_t>(received));
  return message;
}

}  // namespace baton::ipc
