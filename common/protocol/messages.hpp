// The worker protocol, version 1: what a supervisor and a worker say to each other. Plain values;
// codec.hpp turns them into bytes. docs/protocol.md tells the conversation in order.
//
//   worker                    supervisor
//     hello            ->
//                      <-     listeners (the fds ride on this message, in the order of the names)
//     ready            ->
//                      <-     activate
//     accepting        ->
//                      <-     ping                 at any time; answered by progress
//     progress         ->
//                      <-     adopt (the taking ends of handover channels ride on it) while it
//                      accepts
//                      <-     hand_over (the giving ends do), before drain and while it drains
//                      <-     drain
//     drained          ->
//                      <-     activate (again), or stop
//
// `activate` may also come while the worker accepts (from other lanes than before) and while it
// drains (its drain is off); each is answered by `accepting`.
//
// `failed` may come instead of `ready`. The end of the channel tells each side that the other died.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace baton::protocol {

inline constexpr int version = 1;
// Never supported, so that the refusal of a version can be tested for ever.
inline constexpr int reserved_version = 999;
// The environment variable that holds the number of the worker's end of the channel.
inline constexpr const char* channel_variable = "BATON_FD";

// What a worker says in its hello that it understands, beside handover_capability.
inline constexpr const char* lanes_capability = "lanes";      // in listeners and activate
inline constexpr const char* probe_capability = "probe";      // the probe listener
inline constexpr const char* standby_capability = "standby";  // activate in or after a drain

// ---- worker -> supervisor

struct Hello {
  std::vector<int> versions;  // that the worker speaks
  std::vector<std::string> capabilities;
  pid_t pid = 0;
  bool operator==(const Hello&) const = default;
};

struct Ready {  // warm: everything is open, only accepting is missing
  bool operator==(const Ready&) const = default;
};

struct Accepting {  // new connections are being taken from every listener
  bool operator==(const Accepting&) const = default;
};

struct Progress {
  std::uint64_t connections = 0;  // open now
  std::uint64_t in_flight = 0;    // requests being answered now
  std::uint64_t requests = 0;     // answered since the worker started
  std::uint64_t errors = 0;       // of those, with a 5xx status; may be left out
  bool operator==(const Progress&) const = default;
};

struct Drained {                  // nothing is open any more
  std::uint64_t finished = 0;     // requests answered since the drain began
  std::uint64_t cut_off = 0;      // requests that the deadline cut
  std::uint64_t handed_over = 0;  // connections that other workers have taken; may be left out
  bool operator==(const Drained&) const = default;
};

struct Failed {
  std::string reason;  // one sentence for the operator
  bool operator==(const Failed&) const = default;
};

using FromWorker = std::variant<Hello, Ready, Accepting, Progress, Drained, Failed>;

// ---- supervisor -> worker

struct Listeners {
  int version = protocol::version;  // the one both sides speak from here on
  std::vector<std::string> capabilities;
  std::uint64_t generation = 0;
  std::vector<std::string> names;  // of the fds that ride along, in their order
  // Of each of them. Two sockets of one name are the two lanes of one listener, 0 and 1, between
  // which the kernel splits its new connections. May be left out: all are 0.
  std::vector<unsigned> lanes{};
  // One more socket rides along after the named ones: the supervisor's own way to ask this worker
  // how it is. It is accepted from at once, and until the worker exits, drained or not.
  bool probe = false;
  bool operator==(const Listeners&) const = default;
};

struct Activate {
  std::vector<unsigned> lanes{};  // to accept from, and from no other; empty: from all
  bool operator==(const Activate&) const = default;
};

// What a draining worker does with connections that wait in its listeners' queues.
enum class Backlog {
  leave,  // another generation accepts from the same listeners
  serve,  // nobody else will: accept until the queues are empty, then stop accepting
};

struct Drain {
  std::chrono::milliseconds timeout{0};  // what is still in flight after that is cut
  Backlog backlog = Backlog::leave;
  bool operator==(const Drain&) const = default;
};

// From here on, connections may be given to who is at the other end of each channel that rides
// along; see handover.hpp. They add to those that came before.
struct HandOver {
  bool operator==(const HandOver&) const = default;
};

// Take what comes over each channel that rides along, until it ends.
struct Adopt {
  bool operator==(const Adopt&) const = default;
};

struct Stop {  // exit now; what is still open is cut
  bool operator==(const Stop&) const = default;
};

struct Ping {
  bool operator==(const Ping&) const = default;
};

using FromSupervisor = std::variant<Listeners, Activate, HandOver, Adopt, Drain, Stop, Ping>;

}  // namespace baton::protocol
