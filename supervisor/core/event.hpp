// What can happen to a service, in the past tense. The runtime reports; the core decides.
#pragma once

#include "supervisor/core/types.hpp"

#include <optional>
#include <string>
#include <variant>

namespace baton::core {

// ---- what operators and signals asked for

enum class WhenBusy {
  queue,   // one more deploy afterwards; the newest queued one wins (SIGHUP)
  refuse,  // answer Outcome::busy (batonctl)
};

struct DeployRequested {
  RequestId request = 0;
  ServicePolicy policy;
  WhenBusy when_busy = WhenBusy::refuse;
};

// The plan that `start` and `restart` bring up is the policy they carry.
struct StartRequested {
  RequestId request = 0;
  ServicePolicy policy;
};
struct RestartRequested {  // stop, then start: clients wait in the listeners' queues meanwhile
  RequestId request = 0;
  ServicePolicy policy;
};
struct StopRequested {
  RequestId request = 0;
};
struct ScaleRequested {
  RequestId request = 0;
  unsigned workers = 1;
};
// Back to a generation that stands by: to `generation`, or (0) to the newest.
struct RollbackRequested {
  RequestId request = 0;
  GenerationNumber generation = 0;
};
enum class Steer {
  promote,  // what runs of the canary or the bake is over, as if its time had passed
  pause,    // the time of the canary's step or of the bake stands still
  resume,
  abort,  // the deploy is taken back, in whatever phase it is
};
struct SteerRequested {
  RequestId request = 0;
  Steer what{};
  GenerationNumber generation = 0;  // only if it is this one's deploy; 0: whichever is under way
};
struct StopNowRequested {};  // a second SIGTERM: nothing is waited for any more

// ---- what workers did. Those of a worker that is gone are dropped.

struct WorkerConnected {  // its hello was good
  WorkerId worker = 0;
  bool can_return = true;  // it can be told to accept again in a drain, and after it
};
struct WorkerReady {
  WorkerId worker = 0;
};
struct WorkerAccepting {
  WorkerId worker = 0;
};
struct WorkerDrained {
  WorkerId worker = 0;
  std::uint64_t finished = 0;
  std::uint64_t cut_off = 0;
  std::uint64_t handed_over = 0;
};
// The answer to Probe; there is exactly one, unless the worker is gone.
struct WorkerProbed {
  WorkerId worker = 0;
  std::optional<std::string> trouble;  // nothing: it passed; else one sentence
};
// Its numbers since it started: asked for by Count, or by somebody else.
struct WorkerCounted {
  WorkerId worker = 0;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
};
// It said `failed`, talked nonsense, or closed its channel. Its process may still be there.
struct WorkerFailed {
  WorkerId worker = 0;
  std::string reason;
};
// It could not be spawned: there is no process, and no WorkerExited will follow.
struct WorkerNotStarted {
  WorkerId worker = 0;
  std::string reason;
};
struct WorkerExited {
  WorkerId worker = 0;
  ExitStatus status;
  std::string last_line{};  // of its standard error, fit to be shown; empty: there was none
};

// ---- time

struct TimePassed {};  // next_deadline() has come

using Event =
    std::variant<DeployRequested, StartRequested, RestartRequested, StopRequested, ScaleRequested,
                 RollbackRequested, SteerRequested, StopNowRequested, WorkerConnected, WorkerReady,
                 WorkerAccepting, WorkerDrained, WorkerProbed, WorkerCounted, WorkerFailed,
                 WorkerNotStarted, WorkerExited, TimePassed>;

}  // namespace baton::core
