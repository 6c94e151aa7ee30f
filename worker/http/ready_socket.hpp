// Client sockets and the waiting for them. Each is entered into an epoll set once, edge-triggered,
// and what is known of its readiness is kept here: so a wait costs no system call, where Asio's own
// waits cost an epoll_ctl(2) each. The set is itself one descriptor of the thread's io_context.
//
// One thread. A ReadySocket owns its fd; its set must outlive it.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/asio_types.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace baton::http {

class ReadySocket;

class ReadySet {
 public:
  explicit ReadySet(asio::io_context& io);

  asio::io_context& io() { return io_; }

 private:
  friend class ReadySocket;

  void add(ReadySocket& socket, int fd);
  void remove(const ReadySocket& socket, int fd);
  void forget(const ReadySocket& socket);
  void watch();
  void dispatch();

  asio::io_context& io_;
  Descriptor epoll_;
  std::array<epoll_event, 64> events_{};
  std::size_t next_ = 0;  // of those that are not told yet
  std::size_t count_ = 0;
};

class ReadySocket {
 public:
  enum class Until { readable, writable };

  explicit ReadySocket(ReadySet& set) : set_(set) {}
  ~ReadySocket() { close(); }
  ReadySocket(const ReadySocket&) = delete;
  ReadySocket& operator=(const ReadySocket&) = delete;

  // Whether other processes may have it open as well.
  enum class Owners { one, several };
  // Throws boost::system::system_error when the kernel has no room for it in the set.
  void assign(UniqueFd socket, Owners owners);
  // Gives the socket up, out of the set.
  UniqueFd release();
  void close();

  int fd() const { return socket_.get(); }

  // As recv(2) and sendmsg(2), without waiting.
  ssize_t receive(std::span<char> space, int flags = 0);
  ssize_t send(const msghdr& message);

  // False: cancelled. At most one wait at a time.
  Awaitable<bool> wait(Until until);
  void cancel();

  // Calls back once when something can be read; at once if that is so already. Nothing: no more.
  void watch(std::function<void()> on_readable);

 private:
  friend class ReadySet;
  using Token = asio::use_awaitable_t<Executor>;
  using Waiter = asio::async_result<Token, void(bool)>::handler_type;

  void happened(std::uint32_t events);
  void resume_later(Waiter waiter, bool ready);
  bool is_ready(Until until) const { return until == Until::readable ? readable_ : writable_; }

  ReadySet& set_;
  UniqueFd socket_;
  std::optional<Waiter> waiter_;
  std::function<void()> on_readable_;
  Until waits_until_ = Until::readable;
  Owners owners_ = Owners::one;
  bool readable_ = false;
  bool writable_ = true;
  bool ended_ = false;  // the client's side, or all of it: from here on it is always readable
};

}  // namespace baton::http
