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

// What is still to be sent, and the reason why no more of it can be.
struct Outgoing {
  std::string bytes;
  int error = 0;
};

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

  // Before connect(): receive() is to get no more than this at a time, and the kernel to keep
  // little more (over TCP; a Unix socket's bytes wait in the sender's buffer).
  void read_little(std::size_t most);
  boost::asio::awaitable<int> connect(net::Address target);
  // Sends all of it.
  boost::asio::awaitable<int> send(std::string bytes);
  // Replaces `bytes` by what has come; empty, without an error, at the end of the stream. Sends
  // `out` meanwhile, because a server may read no more before we do. A failed send ends only the
  // sending: the answer may have come nevertheless.
  boost::asio::awaitable<int> receive(std::string* bytes, Outgoing* out);
  // Until receive() would not wait.
  boost::asio::awaitable<int> wait_readable();

 private:
  // Sends what does not have to wait, and takes it off `bytes`.
  int send_some(std::string& bytes);
  boost::asio::awaitable<int> wait(boost::asio::posix::descriptor_base::wait_type what);
  boost::asio::awaitable<int> wait_readable_or_writable();

  boost::asio::posix::stream_descriptor socket_;
  TimePoint deadline_ = TimePoint::max();
  bool expired_ = false;
  std::size_t most_at_once_ = 16 * 1024;
  bool small_buffer_ = false;
};

}  // namespace baton::torture
