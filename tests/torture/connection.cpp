#include "tests/torture/connection.hpp"

#include "common/unique_fd.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace baton::torture {
namespace {

namespace asio = boost::asio;

constexpr int small_buffer = 4096;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress to_socket_address(const net::Address& address) {
  SocketAddress result;
  if (const auto* v4 = std::get_if<net::Ipv4Address>(&address)) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(v4->port);
    inet_pton(AF_INET, v4->host.c_str(), &in.sin_addr);
    result.size = sizeof in;
    std::memcpy(&result.storage, &in, sizeof in);
  } else if (const auto* v6 = std::get_if<net::Ipv6Address>(&address)) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(v6->port);
    inet_pton(AF_INET6, v6->host.c_str(), &in.sin6_addr);
    result.size = sizeof in;
    std::memcpy(&result.storage, &in, sizeof in);
  } else {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    const auto& path = std::get<net::UnixAddress>(address).path;
    path.copy(un.sun_path, sizeof un.sun_path - 1);
    result.size = sizeof un;
    std::memcpy(&result.storage, &un, sizeof un);
  }
  return result;
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

void Connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Connection::set_deadline(TimePoint deadline) {
  deadline_ = deadline;
  expired_ = false;
}

void Connection::enforce(TimePoint now) {
  if (now < deadline_ || expired_) return;
  expired_ = true;
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.cancel(ignored);
}

asio::awaitable<int> Connection::connect(net::Address target) {
  const auto address = to_socket_address(target);
  for (;;) {
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) co_return errno;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Before connect(2), which announces the window (tcp(7)).
    if (small_buffer_) {
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &small_buffer, sizeof small_buffer);
    }
    const int result =
        ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size);
    const int error = result == 0 ? 0 : errno;
    if (error == 0 || error == EINPROGRESS) {
      socket_.assign(fd.release());
      if (error == 0) co_return 0;
      break;
    }
    // A full Unix queue, and our own ephemeral ports used up: a blocking client would wait.
    if (error != EAGAIN && error != EADDRNOTAVAIL) co_return error;
    if (std::chrono::steady_clock::now() >= deadline_) co_return ETIMEDOUT;
    co_await pause(std::chrono::milliseconds{1});
  }
  if (const int error = co_await wait(socket_.wait_write)) co_return error;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
  co_return error;
}

asio::awaitable<int> Connection::send(std::string bytes) {
  for (;;) {
    if (const int error = send_some(bytes)) co_return error;
    if (bytes.empty()) co_return 0;
    if (const int error = co_await wait(socket_.wait_write)) co_return error;
  }
}

int Connection::send_some(std::string& bytes) {
  std::string_view left = bytes;
  int error = 0;
  while (!left.empty() && error == 0) {
    const auto sent = ::send(socket_.native_handle(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0) error = errno;
    left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
  bytes.erase(0, bytes.size() - left.size());
  return error == EAGAIN ? 0 : error;
}

void Connection::read_little(std::size_t most) {
  most_at_once_ = std::clamp<std::size_t>(most, 1, most_at_once_);
  small_buffer_ = true;
}

asio::awaitable<int> Connection::receive(std::string* bytes, Outgoing* out) {
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    if (out->error == 0) out->error = send_some(out->bytes);
    const auto size = ::recv(socket_.native_handle(), buffer.data(), most_at_once_, 0);
    if (size >= 0) {
      bytes->assign(buffer.data(), static_cast<std::size_t>(size));
      co_return 0;
    }
    if (errno != EAGAIN) co_return errno;
    const bool sending = out->error == 0 && !out->bytes.empty();
    const int error = sending ? co_await wait_readable_or_writable() : co_await wait_readable();
    if (error != 0) co_return error;
  }
}

asio::awaitable<int> Connection::wait_readable() {
  return wait(socket_.wait_read);
}

asio::awaitable<int> Connection::wait(asio::posix::descriptor_base::wait_type what) {
  if (expired_) co_return ETIMEDOUT;
  boost::system::error_code error;
  co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  if (expired_) co_return ETIMEDOUT;
  co_return error.value();
}

asio::awaitable<int> Connection::wait_readable_or_writable() {
  using namespace asio::experimental::awaitable_operators;
  if (expired_) co_return ETIMEDOUT;
  const auto token = asio::as_tuple(asio::use_awaitable);
  const auto first = co_await (socket_.async_wait(socket_.wait_read, token) ||
                               socket_.async_wait(socket_.wait_write, token));
  if (expired_) co_return ETIMEDOUT;
  co_return std::visit([](const auto& result) { return std::get<0>(result).value(); }, first);
}

}  // namespace baton::torture
