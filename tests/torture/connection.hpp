// One client connection, with every system call our own, so that no library hides what happened.
// Results are errno values: 0 is success, ETIMEDOUT is our deadline. Owns its socket. Used by one
// thread; must outlive the coroutines that run on it.
#pragma once

#include "common/net/address.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace baton::torture {

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Connection(boost::asio::any_io_executor executor) : socket_(std::move(executor)) {}

  bool is_open() const { return socket_.is_open(); }
  void close();

  // What is waited for after `deadline` ends with ETIMEDOUT. Somebody must call enforce() now and
  // then: one timer for all connections is cheaper than one for each.
  void set_deadline(TimePoint deadline);
  void enforce(TimePoint now);

  boost::asio::awaitable<int> connect(net::Address target);
  // Sends all of it.
  boost::asio::awaitable<int> send(std::string bytes);
  // From here on receive() gets no more than this at a time, and the kernel keeps little more.
  void read_little(std::size_t most);
  // Replaces `bytes` by what has come; empty, without an error, at the end of the stream.
  boost::asio::awaitable<int> receive(std::string* bytes);
  // Until receive() would not wait.
  boost::asio::awaitable<int> wait_readable();

 private:
  boost::asio::awaitable<int> wait(boost::asio::posix::descriptor_base::wait_type what);

  boost::asio::posix::stream_descriptor socket_;
  TimePoint deadline_ = TimePoint::max();
  bool expired_ = false;
  std::size_t most_at_once_ = 16 * 1024;
};

}  // namespace baton::torture
