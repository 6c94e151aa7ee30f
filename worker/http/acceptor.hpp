// Takes connections from one listening socket, on one io thread. The socket may be shared with
// other threads and processes: it is never shut down, and it leaves the epoll set before it is
// closed.
//
// Never gives up: out of fds or memory it waits, and clients wait in the kernel's queue meanwhile.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/asio_types.hpp"
#include "worker/http/deadline_queue.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <spdlog/logger.h>

#include <chrono>
#include <functional>
#include <memory>

namespace baton::http {

class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  struct Callbacks {
    std::function<void(UniqueFd)> on_connection;  // non-blocking, close-on-exec
    std::function<void()> on_stopped;
  };

  Acceptor(asio::io_context& io, UniqueFd listener, std::shared_ptr<spdlog::logger> log,
           Callbacks callbacks);

  void start();
  // Takes no more; on_stopped follows.
  void stop();
  // Takes what waits in the queue, then stops.
  void stop_when_empty();
  // An fd has become free: if the acceptor waits for one, it need not any longer.
  void retry();

 private:
  enum class Mode { accepting, emptying, stopped };
  enum class Took { something, nothing, no_more_room };

  Awaitable<void> accept();
  Took take_one();
  Took take_some();

  Descriptor listener_;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> pause_;
  std::shared_ptr<spdlog::logger> log_;
  Callbacks callbacks_;
  Mode mode_ = Mode::accepting;
  std::chrono::steady_clock::time_point quiet_until_;  // no warning before
};

}  // namespace baton::http
