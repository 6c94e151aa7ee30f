#include "supervisor/runtime/fd_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <utility>

namespace baton::runtime {

struct FdWatch::State {
  State(boost::asio::io_context& io, UniqueFd owned)
      : fd(std::move(owned)), descriptor(io, fd.get()) {}
  // The descriptor only borrows: it leaves epoll before the fd is closed.
  ~State() { static_cast<void>(descriptor.release()); }

  UniqueFd fd;
  boost::asio::posix::stream_descriptor descriptor;
  std::function<void()> callback;
};

FdWatch::FdWatch(boost::asio::io_context& io, UniqueFd fd)
    : state_(std::make_shared<State>(io, std::move(fd))) {}

FdWatch::~FdWatch() = default;

const UniqueFd& FdWatch::fd() const {
  return state_->fd;
}

void FdWatch::when_readable(std::function<void()> callback) {
  const bool waiting = state_->callback != nullptr;
  state_->callback = std::move(callback);
  if (waiting) return;
  const auto on_readable = [weak = std::weak_ptr(state_)](const boost::system::error_code& error) {
    const auto state = weak.lock();
    if (!state || error) return;
    // Moved out, so that the callback may ask again, or end the watch and itself with it.
    if (const auto call = std::exchange(state->callback, nullptr)) call();
  };
  state_->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read, on_readable);
}

}  // namespace baton::runtime
