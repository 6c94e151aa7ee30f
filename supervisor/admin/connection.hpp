// One client of the admin API: one connection, one request, its answer. What goes wrong with it
// ends it and nothing else. Only the admin server includes this; it brings Beast along.
#pragma once

#include "supervisor/admin/control.hpp"
#include "supervisor/admin/line_stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <memory>
#include <vector>

namespace baton::admin {

// What the connections and their server have in common. One thread.
struct Shared {
  Control* control = nullptr;  // null once the server is closed
  unsigned clients = 0;        // connections that are served or refused now
  std::vector<std::weak_ptr<LineStream>> streams;
};

// As many are served at a time. Those beyond are told to come again.
inline constexpr unsigned most_clients = 64;

// Answers the one request of a connection. Throws nothing but std::exception: the connection broke.
boost::asio::awaitable<void> converse(boost::asio::local::stream_protocol::socket socket,
                                      std::shared_ptr<Shared> shared);

}  // namespace baton::admin
