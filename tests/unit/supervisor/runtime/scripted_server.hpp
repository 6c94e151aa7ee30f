// A worker's side of a probe listener, as far as a test wants it: reads each request to its end,
// writes what the script says, and then closes, holds the connection or writes on for ever. In the
// test's event loop.
#pragma once

#include "supervisor/runtime/probe_listener.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <string>
#include <vector>

namespace baton::runtime {

enum class Afterwards { close, hold, repeat_the_last };

struct Script {
  std::vector<std::string> pieces;  // each in a write of its own
  Afterwards afterwards = Afterwards::hold;
};

class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& io, const ProbeListener& listener, Script script);

  const std::vector<std::string>& requests() const { return requests_; }

 private:
  using Protocol = boost::asio::local::stream_protocol;

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> serve(Protocol::socket connection);

  Protocol::acceptor acceptor_;
  Script script_;
  std::vector<std::string> requests_;
  std::vector<Protocol::socket> held_;
};

}  // namespace baton::runtime
