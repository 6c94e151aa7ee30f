#include "worker/http/acceptor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <tuple>
#include <utility>

namespace baton::http {
namespace {

using namespace std::chrono_literals;

constexpr auto use_awaitable = asio::use_awaitable_t<Executor>{};
// Taken in one go, before the connections that are open get their turn again.
constexpr int batch = 16;
constexpr auto pause_without_room = 100ms;
constexpr auto pause_between_warnings = 10s;

// accept(2), ERRORS: these concern one connection, or the network behind it; the next may be good.
bool concerns_one_connection(int error_number) {
  switch (error_number) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

}  // namespace

Acceptor::Acceptor(asio::io_context& io, UniqueFd listener, std::shared_ptr<spdlog::logger> log,
                   Callbacks callbacks)
    : listener_(io), pause_(io), log_(std::move(log)), callbacks_(std::move(callbacks)) {
  listener_.assign(listener.get());
  std::ignore = listener.release();
}

void Acceptor::start() {
  asio::co_spawn(
      listener_.get_executor(), [self = shared_from_this()] { return self->accept(); },
      [self = shared_from_this()](const std::exception_ptr&) {
        // Taking connections catches what it can throw; here the fd must go, whatever has happened.
        self->listener_.close();
        self->callbacks_.on_stopped();
      });
}

void Acceptor::stop() {
  mode_ = Mode::stopped;
  listener_.cancel();
  pause_.cancel();
}

void Acceptor::stop_when_empty() {
  mode_ = Mode::emptying;
  listener_.cancel();
}

void Acceptor::retry() {
  pause_.cancel();
}

Awaitable<void> Acceptor::accept() {
  while (mode_ != Mode::stopped) {
    if (mode_ == Mode::accepting) {
      co_await listener_.async_wait(Descriptor::wait_read, asio::as_tuple(use_awaitable));
      if (mode_ == Mode::stopped) break;
    }
    const Took took = take_some();
    if (took == Took::nothing && mode_ == Mode::emptying) break;
    if (took != Took::no_more_room) continue;
    pause_.expires_after(pause_without_room);
    co_await pause_.async_wait(asio::as_tuple(use_awaitable));
  }
}

Acceptor::Took Acceptor::take_some() {
  // One that drains must not be kept at it by clients that come all the time: a queue's length is
  // what it owes.
  const int most = mode_ == Mode::emptying ? SOMAXCONN : batch;
  for (int i = 0; i < most; ++i) {
    if (const Took took = take_one(); took != Took::something) return took;
  }
  return mode_ == Mode::emptying ? Took::nothing : Took::something;
}

Acceptor::Took Acceptor::take_one() {
  UniqueFd socket(
      ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const int error_number = errno;
  if (socket) {
    try {
      callbacks_.on_connection(std::move(socket));
    } catch (const std::exception& error) {
      log_->warn("a new connection was dropped: {}", error.what());
    }
    return Took::something;
  }
  if (error_number == EAGAIN) return Took::nothing;
  if (concerns_one_connection(error_number)) return Took::something;
  if (const auto now = std::chrono::steady_clock::now(); now >= quiet_until_) {
    quiet_until_ = now + pause_between_warnings;
    log_->warn("cannot accept connections, they wait in the queue: {}",
               std::strerror(error_number));
  }
  return Took::no_more_room;
}

}  // namespace baton::http
