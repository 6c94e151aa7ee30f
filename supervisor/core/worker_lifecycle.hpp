// The life of one worker as a table: phase x input -> what is done and which phase follows. PURE.
// docs/state-machine.md shows the same table, and a test compares the two.
#pragma once

#include "supervisor/core/types.hpp"

#include <cstddef>

namespace baton::core {

// What a worker says or does, and what is decided about it.
enum class WorkerInput {
  connected,  // its hello came
  said_ready,
  told_to_accept,  // decided: its generation takes over, or again; or it replaces a crashed one
  told_to_switch,  // decided: it is to accept from other lanes
  said_accepting,
  told_to_retire,  // decided: superseded, stopped, scaled down or aborted
  said_drained,
  told_to_leave,  // decided: once it has drained, it is not kept
  failed,         // it said so, talked nonsense, or its channel has ended
  overdue,        // its deadline has passed
  told_to_end,    // decided: nothing is waited for any more
};
inline constexpr std::size_t worker_phase_count = 11;
inline constexpr std::size_t worker_input_count = 11;

enum class WorkerAction {
  none,
  send_listeners,
  activate,
  drain,
  stop,
  terminate,
  kill,
  refuse,  // the input makes no sense in this phase: the worker has failed
};

struct WorkerTransition {
  WorkerAction action{};
  WorkerPhase next{};
  bool operator==(const WorkerTransition&) const = default;
};

WorkerTransition worker_transition(WorkerPhase phase, WorkerInput input);

const char* to_string(WorkerInput input);
const char* to_string(WorkerAction action);

}  // namespace baton::core
