// A whole server on the SDK in one file, with plain poll(2): it echoes each line that it is sent.
// A connection between two lines is idle, and closed when the worker drains; one in the middle of a
// line is in flight, and has until the deadline to finish it.
#include "worker/sdk/worker.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using baton::UniqueFd;
using Clock = std::chrono::steady_clock;

struct Connection {
  UniqueFd socket;
  std::string line;  // what has come since the last newline
  bool open = true;
};

class EchoServer {
 public:
  explicit EchoServer(baton::sdk::Worker& baton) : baton_(baton) {
    for (const std::string& name : baton.listener_names()) {
      listeners_.push_back(baton.take_listener(name).value());
    }
    baton.handle({.on_activate = [this] { accept_connections(); },
                  .on_drain = [this](baton::sdk::DrainOrder order) { drain(order); },
                  .on_stop = [this] { stopped_ = true; },
                  .on_progress = [this] { return progress(); }});
  }

  void run() {
    while (!stopped_) {
      wait();
      if (drain_deadline_) finish_drain();
    }
  }

 private:
  void accept_connections() {
    accepting_ = true;
    baton_.accepting();
  }

  void drain(baton::sdk::DrainOrder order) {
    echoed_before_drain_ = echoed_;
    if (order.backlog == baton::sdk::Backlog::serve) take_connections();
    for (Connection& each : connections_)
      echo(each);        // what has come already is not idle
    accepting_ = false;  // but the listeners stay: it may be activated again
    drain_deadline_ = order.deadline;
  }

  void finish_drain() {
    std::erase_if(connections_,
                  [](const Connection& each) { return !each.open || each.line.empty(); });
    if (!connections_.empty() && Clock::now() < *drain_deadline_) return;
    const std::size_t cut_off = connections_.size();
    connections_.clear();
    drain_deadline_.reset();
    baton_.drained({.finished = echoed_ - echoed_before_drain_, .cut_off = cut_off});
  }

  baton::sdk::Progress progress() const {
    const auto in_flight = std::count_if(connections_.begin(), connections_.end(),
                                         [](const Connection& each) { return !each.line.empty(); });
    return {connections_.size(), static_cast<std::uint64_t>(in_flight), echoed_};
  }

  void wait() {
    std::vector<pollfd> watched{{supervised_ ? baton_.fd() : -1, POLLIN, 0}};
    for (const Connection& each : connections_)
      watched.push_back({each.socket.get(), POLLIN, 0});
    if (accepting_) {
      for (const UniqueFd& each : listeners_)
        watched.push_back({each.get(), POLLIN, 0});
    }
    ::poll(watched.data(), watched.size(), timeout());

    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (watched[1 + i].revents != 0) echo(connections_[i]);
    }
    std::erase_if(connections_, [](const Connection& each) { return !each.open; });
    if (accepting_) take_connections();
    if (watched[0].revents != 0) {
      supervised_ = baton_.dispatch() == baton::sdk::Worker::Channel::open;
      if (!supervised_) listeners_.clear();  // nobody is left who could tell us to accept
    }
  }

  int timeout() const {
    if (!drain_deadline_) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*drain_deadline_ - Clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }

  // The listeners are shared with other workers: somebody else may have been faster.
  void take_connections() {
    for (const UniqueFd& listener : listeners_) {
      for (;;) {
        UniqueFd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) break;
        connections_.push_back({std::move(socket), {}});
      }
    }
  }

  void echo(Connection& connection) {
    char bytes[1024];
    const ssize_t count = ::recv(connection.socket.get(), bytes, sizeof(bytes), 0);
    if (count < 0 && errno == EAGAIN) return;
    connection.open = count > 0;
    for (ssize_t i = 0; i < count; ++i) {
      connection.line += bytes[i];
      if (bytes[i] != '\n') continue;
      const std::string reply = std::exchange(connection.line, {});
      connection.open = ::send(connection.socket.get(), reply.data(), reply.size(), MSG_NOSIGNAL) ==
                        static_cast<ssize_t>(reply.size());
      ++echoed_;
    }
    if (connection.line.size() > sizeof(bytes)) connection.open = false;
  }

  baton::sdk::Worker& baton_;
  std::vector<UniqueFd> listeners_;
  std::vector<Connection> connections_;
  std::optional<Clock::time_point> drain_deadline_;
  std::uint64_t echoed_ = 0;
  std::uint64_t echoed_before_drain_ = 0;
  bool accepting_ = false;
  bool supervised_ = true;
  bool stopped_ = false;
};

}  // namespace

int main() {
  auto baton = baton::sdk::Worker::connect();
  if (!baton) {
    std::fprintf(stderr, "baton-example-worker: %s\n", baton.error().message.c_str());
    return 1;
  }
  EchoServer server(*baton);
  baton->ready();
  server.run();
}
