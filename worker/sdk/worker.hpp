// What a server author includes to be deployed by Baton: receive the listeners, say ready, be told
// to accept, be told to drain, say drained. It needs no event loop of its own and knows no HTTP:
// watch fd() for readability in whatever loop you have and call dispatch(), or let run() block.
//
//   auto baton = sdk::Worker::connect().value();             // says hello, receives the listeners
//   UniqueFd web = baton.take_listener("web").value();
//   open_the_database();
//   baton.handle({
//       .on_activate = [&] { server.accept_from(web); baton.accepting(); },
//       .on_drain = [&](sdk::DrainOrder order) { server.drain(order); },
//       .on_stop = [&] { server.cut(); },
//       .on_progress = [&] { return server.progress(); },
//   });
//   baton.ready();                                           // warm
//   ... while the loop runs, when fd() is readable:          baton.dispatch();
//   ... when the last connection is gone after on_drain:     baton.drained({.finished = n});
//
// Ownership: the Worker owns the channel; a listener is yours once taken. Never shutdown(2) it,
// that would stop every process that holds it; take it out of your epoll set and close it. Threads:
// one Worker belongs to one thread, callbacks come on it, from inside dispatch() or run(). Failure:
// connect() and take_listener() say what is wrong. Afterwards the only failure is that the
// supervisor is gone: a worker that accepts is then told to drain (Backlog::leave), and to stop
// when it has; one that does not accept is told to stop. docs/protocol.md tells the conversation.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::sdk {

// Whether this process was started by a Baton supervisor (BATON_FD is set).
bool supervised();

// What becomes of connections that wait in the listeners' queues when the drain begins.
enum class Backlog {
  leave,  // stop accepting at once: another generation accepts from the same listeners
  serve,  // accept until the queues are empty, then stop accepting: nobody else will
};

struct DrainOrder {
  std::chrono::steady_clock::time_point deadline;  // cut then what is still in flight
  std::chrono::milliseconds timeout{0};            // the same, from now
  Backlog backlog = Backlog::leave;
};

struct Progress {
  std::uint64_t connections = 0;  // open now
  std::uint64_t in_flight = 0;    // requests being answered now
  std::uint64_t requests = 0;     // answered since the start
};

struct DrainReport {
  std::uint64_t finished = 0;  // requests answered since the drain began
  std::uint64_t cut_off = 0;   // requests that the deadline cut
};

struct Callbacks {
  // Begin to accept from the listeners, then call accepting(). May come again after drained().
  std::function<void()> on_activate;
  // Stop accepting, finish what there is, then call drained().
  std::function<void(DrainOrder)> on_drain;
  // Exit now; what is still open is cut.
  std::function<void()> on_stop;
  // Somebody wants to see the numbers.
  std::function<Progress()> on_progress;
};

class Worker {
 public:
  // Takes the channel from BATON_FD (and removes the variable, so that child processes do not take
  // it for theirs), says hello and waits for the listeners, `timeout` at most.
  static Result<Worker> connect(std::chrono::milliseconds timeout = std::chrono::seconds{10});

  std::uint64_t generation() const { return generation_; }
  std::vector<std::string> listener_names() const;

  // The listening socket of that name: non-blocking, close-on-exec. Errc::not_found lists the names
  // that there are; each can be taken once.
  Result<UniqueFd> take_listener(std::string_view name);

  void handle(Callbacks callbacks) { callbacks_ = std::move(callbacks); }

  void ready();                            // everything is open, only accepting is missing
  void accepting();                        // after on_activate: new connections are taken
  void drained(DrainReport report);        // after on_drain: nothing is open any more
  void failed(const std::string& reason);  // it will never be ready; one sentence for the operator

  // Readable when there is something to dispatch. Stays the Worker's; not to be read or closed.
  int fd() const { return channel_.get(); }

  enum class Channel { open, ended };
  // Handles everything that has come, without blocking. Once it has returned `ended`, stop watching
  // fd(): the supervisor is gone.
  Channel dispatch();

  // Blocks in poll(2) on fd() and dispatches, until on_stop has been called.
  void run();

 private:
  enum class State { warming, accepting, draining, drained, stopped };
  struct NamedListener {
    std::string name;
    UniqueFd socket;
  };

  explicit Worker(UniqueFd channel) : channel_(std::move(channel)) {}
  Result<void> receive_listeners(std::chrono::milliseconds timeout);
  void obey(std::string_view bytes);
  void drain(std::chrono::milliseconds timeout, Backlog backlog);
  void stop();
  void supervisor_is_gone();

  UniqueFd channel_;
  std::uint64_t generation_ = 0;
  std::vector<NamedListener> listeners_;
  Callbacks callbacks_;
  State state_ = State::warming;
  Channel status_ = Channel::open;
};

}  // namespace baton::sdk
