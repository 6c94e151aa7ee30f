// Owns one file descriptor and says once, each time it is asked, that it has become readable.
// The only bridge between file descriptors and the event loop in the runtime. One thread.
//
// A callback is never called after the watch's end, and may destroy the watch.
#pragma once

#include "common/unique_fd.hpp"

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace baton::runtime {

class FdWatch {
 public:
  // Throws boost::system::system_error when epoll(7) refuses the fd (a regular file) or has no
  // room.
  FdWatch(boost::asio::io_context& io, UniqueFd fd);
  ~FdWatch();

  const UniqueFd& fd() const;

  // End of file and errors count as readable too.
  void when_readable(std::function<void()> callback);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace baton::runtime
