// The smallest HTTP server that a scripted worker needs: poll(2), one thread, keep-alive, bodies
// with a Content-Length. Every request is answered 200 with X-Worker (a POST 201 with its own body,
// which the strict client takes for the created item). Draining, it knows no deadline: who keeps a
// connection open keeps it from ending. Owns listeners and connections.
#pragma once

#include "common/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace baton::testing {

class Server {
 public:
  // `on_request` is called as each request is whole, before it is answered.
  explicit Server(std::function<void()> on_request) : on_request_(std::move(on_request)) {}

  void set_identity(const std::string& identity) { identity_ = identity; }
  void add_listener(UniqueFd listener) { listeners_.push_back(std::move(listener)); }
  void start_accepting();
  void add_connection(UniqueFd connection) { connections_.push_back({std::move(connection), {}}); }
  // Takes what waits in the queues if asked, then no more. Answers say "Connection: close" now.
  enum class Queue { leave, take };
  void drain(Queue queue);
  bool idle() const { return connections_.empty(); }
  std::uint64_t connections() const { return connections_.size(); }
  std::uint64_t requests() const { return requests_; }

  // Serves until `channel` is readable, or, if asked, no connection is open any more.
  enum class Until { message, message_or_idle };
  void serve(const UniqueFd& channel, Until until);

 private:
  struct Connection {
    UniqueFd fd;
    std::string bytes;
  };

  void accept_from(const UniqueFd& listener);
  // False when the connection is over.
  bool read_from(Connection& connection);
  bool answer(Connection& connection);

  std::function<void()> on_request_;
  std::string identity_;
  std::vector<UniqueFd> listeners_;
  std::list<Connection> connections_;
  bool accepting_ = false;
  bool draining_ = false;
  std::uint64_t requests_ = 0;
};

}  // namespace baton::testing
