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
// A server that can also part with an idle connection, and go on with one that another worker has
// begun, loses none in a deploy: on_give, on_no_taker and on_adopt below. Without them a drain ends
// as it does everywhere, by telling each client to connect again.
//
// One that also splits its listeners' lanes, answers a health probe or can come back from a drain
// says so in connect(), and can then be deployed with a canary, a health gate, a bake and a
// standby: see Abilities.
//
// Ownership: the Worker owns the channel; a listener is yours once taken. Never shutdown(2) it,
// that would stop every process that holds it; take it out of your epoll set and close it. Threads:
// one Worker belongs to one thread, callbacks come on it, from inside dispatch() or run(). Failure:
// connect() and take_listener() say what is wrong. Afterwards the only failure is that the
// supervisor is gone: a worker that accepts is then told to drain (Backlog::leave), and to stop
// when it has; one that does not accept is told to stop. docs/protocol.md tells the conversation.
#pragma once

#include "common/live_connection.hpp"
#include "common/result.hpp"
#include "common/unique_fd.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::sdk {

// Whether this process was started by a Baton supervisor (BATON_FD is set).
bool supervised();

// What a server can do beyond what each must; each is a promise to the supervisor.
struct Abilities {
  // It accepts from those lanes of a listener that it is told: take_lanes(), accepts_from().
  bool lanes = false;
  // It serves its probe listener from the start until it exits, drained or not:
  // take_probe_listener().
  bool probe = false;
  // on_activate may come again: in a drain, which is off then, and after drained().
  bool standby = false;
};

// What becomes of connections that wait in the listeners' queues when the drain begins.
enum class Backlog {
  leave,  // stop accepting at once: another generation accepts from the same listeners
  serve,  // accept until the queues are empty, then stop accepting: nobody else will
};

struct DrainOrder {
  std::chrono::steady_clock::time_point deadline;  // cut then what is still in flight
  std::chrono::milliseconds timeout{0};            // the same, from now
  Backlog backlog = Backlog::leave;
  bool handover = false;  // on_give follows: tell no client to close its connection
};

struct Progress {
  std::uint64_t connections = 0;  // open now
  std::uint64_t in_flight = 0;    // requests being answered now
  std::uint64_t requests = 0;     // answered since the start
  std::uint64_t errors = 0;       // of those, with a 5xx status
};

struct DrainReport {
  std::uint64_t finished = 0;  // requests answered since the drain began
  std::uint64_t cut_off = 0;   // requests that the deadline cut
};

struct Callbacks {
  // Begin to accept from the listeners, then call accepting(). With Abilities::lanes it may come
  // while you accept: ask accepts_from() which lanes are yours now, and leave the others. With
  // Abilities::standby it may come in a drain and after it.
  std::function<void()> on_activate{};
  // Stop accepting, finish what there is, then call drained().
  std::function<void(DrainOrder)> on_drain{};
  // Exit now; what is still open is cut.
  std::function<void()> on_stop{};
  // Somebody wants to see the numbers.
  std::function<Progress()> on_progress{};

  // Handover. Give up to `room` connections more, by hand_over(): those that are idle now, and
  // those that become so. Called in a drain only.
  std::function<void(std::size_t room)> on_give{};
  // Nobody takes any more (till the next on_give): tell the clients that are left to close.
  std::function<void()> on_no_taker{};
  // Here is one: serve it as if you had accepted it. Comes while you accept, or drain.
  std::function<void(LiveConnection)> on_adopt{};
};

class Worker {
 public:
  // Takes the channel from BATON_FD (and removes the variable, so that child processes do not take
  // it for theirs), says hello and waits for the listeners, `timeout` at most.
  static Result<Worker> connect(Abilities abilities = {},
                                std::chrono::milliseconds timeout = std::chrono::seconds{10});
  Worker(Worker&& other) noexcept;
  ~Worker();

  std::uint64_t generation() const { return generation_; }
  std::vector<std::string> listener_names() const;

  // The listening socket of that name: non-blocking, close-on-exec. Errc::not_found lists the names
  // that there are; each can be taken once.
  Result<UniqueFd> take_listener(std::string_view name);
  // The same for a server with Abilities::lanes: one socket, or two, the lanes 0 and 1.
  Result<std::vector<UniqueFd>> take_lanes(std::string_view name);
  // Where the supervisor asks how this worker is: empty when it does not, or when it was taken.
  UniqueFd take_probe_listener();

  // As of the last on_activate: whether to accept from that lane.
  bool accepts_from(unsigned lane) const;

  void handle(Callbacks callbacks);

  void ready();                            // everything is open, only accepting is missing
  void accepting();                        // after on_activate: new connections are taken
  void drained(DrainReport report);        // after on_drain: nothing is open any more
  void failed(const std::string& reason);  // it will never be ready; one sentence for the operator

  // Gives a connection of which nothing is owed to its client: no answer that is not wholly sent,
  // no byte of a request but those in `received`. It must be in no epoll set any more. It goes out
  // with the next dispatch(), for which fd() is readable. Until `settled` is called, once, the
  // Worker owns it; if the process ends before that, its taker may have it.
  void hand_over(LiveConnection connection, Settled settled);

  // Readable when there is something to dispatch. Stays the Worker's; not to be read or closed.
  int fd() const;

  enum class Channel { open, ended };
  // Handles everything that has come, without blocking. Once it has returned `ended`, stop watching
  // fd(): the supervisor is gone, and so is everybody else.
  Channel dispatch();

  // Blocks in poll(2) on fd() and dispatches, until on_stop has been called.
  void run();

 private:
  enum class State { warming, accepting, draining, drained, stopped };
  struct NamedListener {
    std::string name;
    unsigned lane = 0;
    UniqueFd socket;
  };

  struct Io;

  Worker(UniqueFd channel, std::unique_ptr<Io> io);
  Result<void> receive_listeners(std::chrono::milliseconds timeout);
  void hear_supervisor();
  void obey(std::string_view bytes, std::vector<UniqueFd> fds);
  void give_to(std::vector<UniqueFd> takers);
  void give_more();
  void drain(std::chrono::milliseconds timeout, Backlog backlog);
  void stop();
  void supervisor_is_gone();

  UniqueFd channel_;
  std::uint64_t generation_ = 0;
  std::vector<NamedListener> listeners_;
  UniqueFd probe_listener_;
  std::vector<unsigned> lanes_;     // to accept from; none: all
  std::uint64_t taken_before_ = 0;  // connections, by others, in earlier drains
  std::unique_ptr<Io> io_;          // what must not move when this does
  State state_ = State::warming;
  bool supervisor_lives_ = true;
};

}  // namespace baton::sdk
