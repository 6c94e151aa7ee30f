// The lines that one client of a stream still has to be sent. Whoever has something to say pushes,
// the client's coroutine waits and takes. Bounded: a client that does not keep up loses the rest
// and is told so in its last line, and the supervisor's memory stays as it is. One thread.
#pragma once

#include "supervisor/admin/control.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace baton::admin {

class LineStream {
 public:
  // Of lines that were pushed and not taken yet.
  static constexpr std::size_t max_pending_bytes = 256 * 1024;

  // `past`: lines that there are already, each with its newline. They do not count as pending,
  // because who keeps them bounds them.
  explicit LineStream(const boost::asio::any_io_executor& executor, std::string past = {});

  // `line` without its newline. Dropped once the stream is closed or overrun.
  void push(const std::string& line);

  // Before all that is pending.
  void prepend(const std::string& line);

  // Nothing more will come; what is pending is still sent.
  void close();

  // What is pending, at least one line; empty when the stream is closed and all has been taken.
  boost::asio::awaitable<std::string> take();

  // What feeds the stream; ends with it.
  void keep(std::unique_ptr<Subscription> subscription);
  void drop_subscriptions() { subscriptions_.clear(); }

 private:
  enum class State { open, closed };

  boost::asio::steady_timer wake_;  // never expires; cancelled to wake the taker
  std::string pending_;
  std::size_t past_bytes_;
  State state_ = State::open;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
};

}  // namespace baton::admin
