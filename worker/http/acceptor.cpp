#include "worker/http/acceptor.hpp"

#include <boost/system/system_error.hpp>
#include <spdlog/spdlog.h>

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <utility>

namespace baton::http {
namespace {

using namespace std::chrono_literals;

// So many connections are taken before the next of those that wait at the socket has its turn.
constexpr unsigned turn = 8;
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

Acceptor::Acceptor(Loop& loop, UniqueFd listener, std::shared_ptr<spdlog::logger> log,
                   Callbacks callbacks)
    : loop_(loop),
      listener_(std::move(listener)),
      log_(std::move(log)),
      callbacks_(std::move(callbacks)),
      pause_(loop, [this] { resume(); }) {
  enter();
}

// Exclusive: one is woken for each connection, and not the whole herd. It is the one that has
// waited the longest, as long as it waits, so that it would get nearly all connections: see
// happened().
void Acceptor::enter() {
  try {
    loop_.add(*this, listener_.get(), EPOLLIN | EPOLLEXCLUSIVE);
    entered_ = true;
  } catch (const boost::system::system_error& error) {
    complain(error.what());
    pause();
  }
}

void Acceptor::leave() {
  if (std::exchange(entered_, false)) loop_.remove(*this, listener_.get());
}

// One connection a turn of the loop, so that those that are open have their turn as well; and after
// some it goes to the end of the line of all that wait at this socket.
void Acceptor::happened(std::uint32_t) {
  const Took took = take_one();
  if (took == Took::no_more_room) return pause();
  if (took == Took::nothing || ++taken_ % turn != 0) return;
  leave();
  enter();
}

void Acceptor::pause() {
  leave();
  pause_.set(Clock::now() + pause_without_room);
}

void Acceptor::retry() {
  if (!pause_.is_set()) return;
  pause_.cancel();
  resume();
}

void Acceptor::resume() {
  emptying_ ? empty_queue() : enter();
}

// For the last connection nobody else may have been woken.
void Acceptor::stop() {
  if (!listener_) return;
  if (entered_) {
    leave();
    take_one();
  }
  close();
}

void Acceptor::close() {
  if (!listener_) return;
  leave();
  pause_.cancel();
  listener_.reset();
  loop_.post(callbacks_.on_stopped);
}

void Acceptor::stop_when_empty() {
  emptying_ = true;
  leave();
  empty_queue();
}

// One that drains must not be kept at it by clients that come all the time: a queue's length is
// what it owes.
void Acceptor::empty_queue() {
  for (int i = 0; i < SOMAXCONN; ++i) {
    const Took took = take_one();
    if (took == Took::no_more_room) return pause();
    if (took == Took::nothing) break;
  }
  close();
}

Acceptor::Took Acceptor::take_one() {
  UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
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
  complain(std::strerror(error_number));
  return Took::no_more_room;
}

void Acceptor::complain(const char* reason) {
  const auto now = Clock::now();
  if (now < quiet_until_) return;
  quiet_until_ = now + pause_between_warnings;
  log_->warn("cannot accept connections, they wait in the queue: {}", reason);
}

}  // namespace baton::http
