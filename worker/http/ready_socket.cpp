#include "worker/http/ready_socket.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace baton::http {

void ReadySocket::assign(UniqueFd socket, Owners owners) {
  readable_ = ended_ = false;
  writable_ = true;
  loop_.add(*this, socket.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  socket_ = std::move(socket);
  owners_ = owners;
}

UniqueFd ReadySocket::release() {
  if (socket_) loop_.remove(*this, socket_.get());
  return std::move(socket_);
}

// A socket that nobody else has leaves the set by being closed. Of another the client must hear the
// end, though a worker that stands still may hold it for ever.
void ReadySocket::close() {
  if (!socket_) return;
  if (owners_ == Owners::several) {
    loop_.remove(*this, socket_.get());
    ::shutdown(socket_.get(), SHUT_RDWR);
  } else {
    loop_.forget(*this);
  }
  socket_.reset();
}

// Less than there was space for is all that there was: what comes later is told again (epoll(7),
// Q9).
ssize_t ReadySocket::receive(std::span<char> space, int flags) {
  const ssize_t count = ::recv(socket_.get(), space.data(), space.size(), flags | MSG_DONTWAIT);
  const bool empty = count < 0 && errno == EAGAIN;
  const bool drained = count >= 0 && static_cast<std::size_t>(count) < space.size() &&
                       (flags & MSG_PEEK) == 0 && !ended_;
  if (empty || drained) readable_ = false;
  return count;
}

ssize_t ReadySocket::send(std::string_view first, std::string_view second) {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  const auto piece = [](std::string_view text) {
    return iovec{const_cast<char*>(text.data()), text.size()};
  };
  std::array pieces{piece(first), piece(second)};
  msghdr both{};
  both.msg_iov = pieces.data();
  both.msg_iovlen = pieces.size();
  const ssize_t count = second.empty() ? ::send(socket_.get(), first.data(), first.size(), flags)
                                       : ::sendmsg(socket_.get(), &both, flags);
  if (count < 0 && errno == EAGAIN) writable_ = false;
  return count;
}

// No coroutine itself: Asio keeps the memory of two frames for the next request (of this wait and
// of its caller), and a third would be allocated each time.
Awaitable<bool> ReadySocket::wait(Until until) {
  return asio::async_initiate<const Token, void(bool)>(
      [this, until](Waiter waiter) {
        waits_until_ = until;
        waiter_.emplace(std::move(waiter));
        // Others have their turn before one that always has something to say.
        if (is_ready(until)) loop_.again(*this);
      },
      Token{});
}

void ReadySocket::cancel() {
  if (!waiter_) return;
  loop_.post([waiter = std::move(*waiter_)]() mutable { std::move(waiter)(false); });
  waiter_.reset();
}

void ReadySocket::watch(std::function<void()> on_readable) {
  if (on_readable && readable_) return on_readable();
  on_readable_ = std::move(on_readable);
}

void ReadySocket::happened(std::uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ended_ = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) writable_ = true;
  if (on_readable_ && readable_) return std::exchange(on_readable_, nullptr)();
  if (!waiter_ || !is_ready(waits_until_)) return;
  Waiter waiter = std::move(*waiter_);
  waiter_.reset();
  std::move(waiter)(true);  // may destroy this
}

}  // namespace baton::http
