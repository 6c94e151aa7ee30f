#include "worker/http/ready_socket.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace baton::http {
namespace {

[[noreturn]] void fail(const char* call) {
  throw boost::system::system_error(errno, boost::system::system_category(), call);
}

}  // namespace

// ---- the set

ReadySet::ReadySet(asio::io_context& io) : io_(io), epoll_(io) {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) fail("epoll_create1");
  epoll_.assign(epoll.get());
  static_cast<void>(epoll.release());
  watch();
}

void ReadySet::add(ReadySocket& socket, int fd) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &socket;
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

void ReadySet::remove(const ReadySocket& socket, int fd) {
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  forget(socket);
}

// One that goes while the others of its batch are told must not be told any more.
void ReadySet::forget(const ReadySocket& socket) {
  for (std::size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &socket) events_[i].data.ptr = nullptr;
  }
}

void ReadySet::watch() {
  epoll_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& ec) {
    if (ec) return;
    dispatch();
    watch();
  });
}

void ReadySet::dispatch() {
  const int count =
      ::epoll_wait(epoll_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (next_ = 0; next_ < count_;) {
    const epoll_event event = events_[next_++];
    if (event.data.ptr) static_cast<ReadySocket*>(event.data.ptr)->happened(event.events);
  }
  next_ = count_ = 0;
}

// ---- a socket

void ReadySocket::assign(UniqueFd socket, Owners owners) {
  readable_ = ended_ = false;
  writable_ = true;
  set_.add(*this, socket.get());
  socket_ = std::move(socket);
  owners_ = owners;
}

UniqueFd ReadySocket::release() {
  if (socket_) set_.remove(*this, socket_.get());
  return std::move(socket_);
}

// A socket that nobody else has leaves the set by being closed.
void ReadySocket::close() {
  if (!socket_) return;
  if (owners_ == Owners::several) {
    set_.remove(*this, socket_.get());
  } else {
    set_.forget(*this);
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

ssize_t ReadySocket::send(const msghdr& message) {
  const ssize_t count = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) writable_ = false;
  return count;
}

// No coroutine itself: Asio keeps the memory of two frames for the next request (of this wait and
// of its caller), and a third would be allocated each time.
Awaitable<bool> ReadySocket::wait(Until until) {
  return asio::async_initiate<const Token, void(bool)>(
      [this, until](Waiter waiter) {
        // Others have their turn before one that always has something to say.
        if (is_ready(until)) return resume_later(std::move(waiter), true);
        waits_until_ = until;
        waiter_.emplace(std::move(waiter));
      },
      Token{});
}

void ReadySocket::resume_later(Waiter waiter, bool ready) {
  asio::post(set_.io_, [waiter = std::move(waiter), ready]() mutable { std::move(waiter)(ready); });
}

void ReadySocket::cancel() {
  if (!waiter_) return;
  resume_later(std::move(*waiter_), false);
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
