// The HTTP/1.1 server engine: N io threads, each with its own connections, serving what a Router
// answers from listening sockets that are given to it. Such a socket may be shared with other
// processes, is never shut down, and stays open (but unused) while the engine is drained, so that
// it can be told to accept again.
//
// The first io thread is the one that calls run(), and its loop is open to others: what decides
// over a server's life can live on the thread that serves, and waits for no other.
//
// Thread-safe, but for the order: add_listener, activate, drain, activate, ... The callbacks come
// on the first io thread and must not block. Failure of a connection stays with the connection.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "worker/http/handover.hpp"
#include "worker/http/router.hpp"
#include "worker/http/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace baton::http {

class Loop;

enum class Backlog {
  leave,  // stop accepting at once: somebody else accepts from the same sockets
  serve,  // accept until the queues are empty first
};

struct DrainOrder {
  Duration timeout{0};  // what is still open after that is cut
  Backlog backlog = Backlog::leave;
  Give give{};  // empty: clients are told to close
};

struct DrainReport {
  std::uint64_t finished = 0;            // requests answered since the drain began
  std::uint64_t cut_requests = 0;        // that were being read or answered at the deadline
  std::uint64_t closed_connections = 0;  // without a request, at the deadline
};

struct Progress {
  std::uint64_t connections = 0;  // open now
  std::uint64_t in_flight = 0;    // requests being read or answered now
  std::uint64_t requests = 0;     // answered since the start
  std::uint64_t errors = 0;       // of those, with a 5xx status
};

// Which of the lanes of its listeners a server accepts from.
using WantsLane = std::function<bool(unsigned lane)>;

class Server {
 public:
  Server(Router router, Settings settings);
  // Serves on as run() does, if it has to, till nothing is left: stop() it before.
  ~Server();

  // Serves until stop(), and returns when everything has ended. Nothing is served before.
  void run();
  // Cuts everything. Handlers that run on the pool are told and waited for.
  void stop();
  // Of the first io thread.
  Loop& loop();

  // To be accepted from, by all threads. TCP_NODELAY is set on it, and inherited by its
  // connections. A listener with two lanes is two sockets.
  void add_listener(UniqueFd socket, unsigned lane = 0);

  // Accepted from at once, and until stop(), whatever becomes of the others: who asks here how the
  // server is does not count among its clients, and no drain touches him.
  void serve_probes(UniqueFd listener);

  // Calls `accepting` once every thread accepts, from these lanes and from no others. May be called
  // again with others. Ends a drain that is under way; its `done` is not called.
  Result<void> activate(const WantsLane& wants, std::function<void()> accepting);

  // Stops accepting, finishes what is open, then calls `done`, at the deadline the latest. An idle
  // connection is not closed: its next request is answered with Connection: close, or, when the
  // order says how, it is handed over.
  void drain(DrainOrder order, std::function<void(DrainReport)> done);

  // In a drain that hands over: up to `room` connections more may be given. None is before.
  void give(std::size_t room);
  // Nobody takes any more, until the next give(): those that are left are told to close.
  void keep();
  // Serves a connection that another process has begun.
  void adopt(LiveConnection connection);

  // Makes the deadline of a drain now.
  void cut();

  Progress progress() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::http
