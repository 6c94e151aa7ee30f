// Takes connections from one listening socket, on one io thread. The socket may be shared with
// other threads and processes: it is never shut down, and it leaves the epoll set before it is
// closed.
//
// Never gives up: out of fds or memory it waits, and clients wait in the kernel's queue meanwhile.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/loop.hpp"

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace baton::http {

class Acceptor final : private Watched {
 public:
  struct Callbacks {
    std::function<void(UniqueFd)> on_connection;  // non-blocking, close-on-exec
    std::function<void()> on_stopped;             // may destroy the acceptor
  };

  // Accepts at once.
  Acceptor(Loop& loop, UniqueFd listener, std::shared_ptr<spdlog::logger> log, Callbacks callbacks);
  ~Acceptor() { leave(); }
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Of all these, on_stopped follows, later.
  // Takes no more, but for one that may wait already.
  void stop();
  // Not even that.
  void close();
  // Takes what waits in the queue, then stops.
  void stop_when_empty();
  // An fd has become free: if the acceptor waits for one, it need not any longer.
  void retry();

 private:
  enum class Took { something, nothing, no_more_room };

  void happened(std::uint32_t events) override;
  Took take_one();
  void empty_queue();
  void pause();
  void resume();
  void enter();
  void leave();
  void complain(const char* reason);

  Loop& loop_;
  UniqueFd listener_;
  std::shared_ptr<spdlog::logger> log_;
  Callbacks callbacks_;
  Alarm pause_;
  unsigned taken_ = 0;
  bool entered_ = false;
  bool emptying_ = false;
  Clock::time_point quiet_until_;  // no warning before
};

}  // namespace baton::http
