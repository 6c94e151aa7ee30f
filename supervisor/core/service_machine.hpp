// What happens in a deploy, and in everything else that a service lives through: all decisions
// about one service. PURE: no I/O, no clock; step() takes an event and the time, and returns what
// is to be done. Not thread-safe, no blocking, never throws on any sequence of events: what makes
// no sense in a state is dropped or answered with a reason.
//
// Invariants (checked over long random sequences in the tests):
//  - after the first cutover somebody accepts, until the service is stopped or every worker crashed
//  - no generation drains before another one accepts, unless the service is being stopped
//  - at most one generation is not yet accepting
//  - each request gets exactly one answer
//  - each started worker ends in exactly one exit
//  - whatever waits has a deadline: next_deadline() is empty only when the service is at rest
#pragma once

#include "supervisor/core/action.hpp"
#include "supervisor/core/event.hpp"
#include "supervisor/core/types.hpp"

#include <optional>
#include <vector>

namespace baton::core {

struct WorkerView {
  WorkerId id = 0;
  WorkerPhase phase{};
  TimePoint since;  // when it entered the phase
  std::optional<TimePoint> deadline;
};

struct GenerationView {
  GenerationNumber number = 0;
  GenerationRole role{};
  TimePoint since;  // when it entered the role
  std::vector<WorkerView> workers;
  unsigned wanted_workers = 0;
  unsigned restarting = 0;  // crashed workers that wait for their backoff
  bool crash_looping = false;
};

struct ServiceView {
  bool wanted_up = false;
  DeployPhase deploy = DeployPhase::idle;
  std::vector<GenerationView> generations;  // oldest first
};

}  // namespace baton::core
