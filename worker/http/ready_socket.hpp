// A client's socket and the waiting for it. It enters the loop's epoll set once, edge-triggered,
// and what is known of its readiness is kept here: so a wait costs no system call.
//
// One thread. Owns its fd; its loop must outlive it.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/asio_types.hpp"
#include "worker/http/loop.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace baton::http {

class ReadySocket final : private Watched {
 public:
  enum class Until { readable, writable };

  explicit ReadySocket(Loop& loop) : loop_(loop) {}
  ~ReadySocket() { close(); }
  ReadySocket(const ReadySocket&) = delete;
  ReadySocket& operator=(const ReadySocket&) = delete;

  // Whether other processes may have it open as well.
  enum class Owners { one, several };
  // Throws boost::system::system_error when the kernel has no room for it in the epoll set.
  void assign(UniqueFd socket, Owners owners);
  // Gives the socket up, out of the set.
  UniqueFd release();
  void close();

  int fd() const { return socket_.get(); }

  // As recv(2) and send(2), without waiting; the second piece follows the first, and either may be
  // empty.
  ssize_t receive(std::span<char> space, int flags = 0);
  ssize_t send(std::string_view first, std::string_view second = {});

  // False: cancelled. At most one wait at a time.
  Awaitable<bool> wait(Until until);
  void cancel();

  // Calls back once when something can be read; at once if that is so already. Nothing: no more.
  void watch(std::function<void()> on_readable);

 private:
  using Token = asio::use_awaitable_t<Executor>;
  using Waiter = asio::async_result<Token, void(bool)>::handler_type;

  void happened(std::uint32_t events) override;
  bool is_ready(Until until) const { return until == Until::readable ? readable_ : writable_; }

  Loop& loop_;
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
