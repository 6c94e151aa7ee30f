// The words of the decision core. Plain values: no I/O, no clock is read; time is an argument.
#pragma once

#include "common/duration.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

using TimePoint = std::chrono::steady_clock::time_point;

using GenerationNumber = std::uint64_t;  // per service, from 1, never reused
using WorkerId = std::uint64_t;          // per service, from 1, never reused; not a pid
using RequestId = std::uint64_t;         // an operator's request; each gets exactly one answer

struct RestartLimits {
  Duration initial{100};    // the wait after a first crash; doubled by each that follows
  Duration max{30'000};     // the longest wait, and the pace of a crash loop
  unsigned limit = 5;       // crashes ...
  Duration within{60'000};  // ... in this time are a crash loop
  bool operator==(const RestartLimits&) const = default;
};

// When the health probe of a generation has passed, and when it is trouble.
struct HealthGate {
  Duration interval{100};     // between two probes of one worker
  unsigned successes = 1;     // so many in a row, of each worker, open the gate ...
  Duration deadline{10'000};  // ... before this, or the deploy has failed
  unsigned failures = 3;      // so many in a row, of one worker, are trouble in a canary or a bake
  bool operator==(const HealthGate&) const = default;
};

struct CanaryStep {
  unsigned weight = 0;  // percent of the new connections, 1 to 100
  Duration duration{0};
  bool operator==(const CanaryStep&) const = default;
};

// More 5xx answers than this in a canary or a bake are trouble.
struct ErrorLimit {
  unsigned percent = 0;
  std::uint64_t at_least = 20;  // requests, before their share is looked at
  bool operator==(const ErrorLimit&) const = default;
};

// What a generation was started with. It keeps it for life: a changed config means a new deploy.
struct ServicePolicy {
  unsigned workers = 1;
  Duration ready_timeout{10'000};
  Duration drain_timeout{10'000};
  Duration kill_grace{2'000};
  RestartLimits restart;
  std::optional<HealthGate> health{};  // none: a generation that is ready is good
  std::vector<CanaryStep> canary{};
  Duration bake{0};     // after the cutover, in which trouble rolls the deploy back
  Duration standby{0};  // that the generation before is kept warm for, after the bake
  std::optional<ErrorLimit> error_limit{};
  bool two_lanes = false;        // its listeners can be split between two generations
  unsigned max_generations = 3;  // of the service, at once
  bool operator==(const ServicePolicy&) const = default;
};

// How a worker process ended (waitid(2)).
struct ExitStatus {
  bool signalled = false;  // true: value is the signal; false: value is the exit code
  int value = 0;
  bool clean() const { return !signalled && value == 0; }
  bool operator==(const ExitStatus&) const = default;
};

// "exited with code 3", "was killed by SIGKILL".
std::string describe(ExitStatus status);

// The life of one worker:
//   starting -> warming -> ready -> activating -> accepting -> draining -> standby -> stopping ->
//   (gone)
// from draining and standby back to activating, when its generation is to serve again; and from
// anywhere terminating (SIGTERM sent) -> killing (SIGKILL sent) -> (gone).
enum class WorkerPhase {
  starting,    // spawned; its hello is awaited
  warming,     // it has its listeners; its ready is awaited
  ready,       // warm, not told to accept
  activating,  // told to accept; its acknowledgement is awaited
  accepting,
  switching,    // accepts, and was told to do so from other lanes; the acknowledgement is awaited
  draining,     // told to finish what it has
  standby,      // drained and warm: it can be told to accept again, or to exit
  stopping,     // told to exit
  terminating,  // SIGTERM was sent
  killing,      // SIGKILL was sent
};

// Where the one deploy that a service can have under way stands. Draining is not among them: it is
// the life of an older generation, and the next deploy may begin meanwhile.
enum class DeployPhase {
  idle,
  starting,      // the candidate's workers are spawned
  warming,       // all of them have their listeners
  probing,       // all are warm; their health is being asked for
  canary,        // the candidate accepts its share, the old one the rest
  cutting_over,  // the candidate's workers were told to accept everything
  baking,        // the new generation serves; the old one is kept warm, should there be trouble
  rolling_back,  // the old one was told to accept again
  aborting,      // the candidate failed and is being removed; the old one serves on
};

enum class GenerationRole {
  candidate,  // not yet the one that serves
  current,    // the one that serves
  standby,    // superseded, and kept warm
  retiring,   // superseded, stopped or aborted; goes when its work is done
};

enum class Outcome {
  done,
  failed,              // and nothing is serving
  failed_old_serving,  // and the generation before serves on
  degraded,            // done, but something was cut off, killed or has crashed meanwhile
  busy,                // refused: another deploy is running
  superseded,          // a newer request took its place, or the service was stopped
  aborted,             // an operator ended it, and the generation before serves on
  rolled_back,         // after its cutover, and the generation before serves again
};

// What the drains of a deploy have come to.
struct Account {
  std::uint64_t finished = 0;     // requests that were answered after the order to drain
  std::uint64_t handed_over = 0;  // connections
  std::uint64_t cut_off = 0;      // requests, by the deadline
  bool operator==(const Account&) const = default;
};

// It takes new connections.
constexpr bool accepts(WorkerPhase phase) {
  return phase == WorkerPhase::accepting || phase == WorkerPhase::switching;
}

const char* to_string(WorkerPhase phase);
const char* to_string(DeployPhase phase);
const char* to_string(GenerationRole role);
const char* to_string(Outcome outcome);

}  // namespace baton::core
