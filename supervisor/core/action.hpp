// What the core wants done, in the imperative. The runtime performs actions in their order, and
// reports what comes of them as events; an action never fails towards the core in any other way.
#pragma once

#include "supervisor/core/types.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace baton::core {

// A deploy has begun. `plan` is the id of the request that brought the plan which this generation
// runs; a deploy that is retried by itself names the same one again.
struct BeginGeneration {
  GenerationNumber generation = 0;
  RequestId plan = 0;
};
// Its last worker is gone.
struct EndGeneration {
  GenerationNumber generation = 0;
};
// No generation runs it and none will: the plan can be forgotten. Comes exactly once for each
// request that carried a plan, refused and superseded ones included.
struct ForgetPlan {
  RequestId plan = 0;
};

struct StartWorker {
  WorkerId worker = 0;
  GenerationNumber generation = 0;
};
struct SendListeners {
  WorkerId worker = 0;
};
// Accept from these lanes and from no other; none means all. Also for one that accepts already.
using Lanes = std::vector<unsigned>;
struct Activate {
  WorkerId worker = 0;
  Lanes lanes;
};
// Ask it over its probe listener how it is; WorkerProbed answers.
struct Probe {
  WorkerId worker = 0;
};
// Ask it for its numbers; WorkerCounted answers, if the worker does.
struct Count {
  WorkerId worker = 0;
};
// From here on lane 1 of the listeners that `generation` was given gets `weight` percent of the new
// connections, lane 0 the rest.
struct SplitLanes {
  GenerationNumber generation = 0;
  unsigned weight = 0;
};

// What becomes of the connections that wait in the listeners' queues.
enum class Backlog { leave, serve };

// Connect it with the workers of `taker` that accept (itself aside): it may give them its
// connections. Comes before its Drain, and again when they are superseded themselves.
struct HandOver {
  WorkerId worker = 0;
  GenerationNumber taker = 0;
};
struct Drain {
  WorkerId worker = 0;
  Duration timeout{0};
  Backlog backlog = Backlog::leave;
};
struct Stop {  // the protocol's `stop`: exit now
  WorkerId worker = 0;
};
struct Terminate {  // SIGTERM
  WorkerId worker = 0;
};
struct Kill {  // SIGKILL
  WorkerId worker = 0;
};

// A deploy is over, its drains included. Comes exactly once for each BeginGeneration.
struct EndDeploy {
  GenerationNumber generation = 0;
  Outcome outcome{};
  std::string reason;  // as of Answer
  Account account;
};

struct Answer {
  RequestId request = 0;
  Outcome outcome{};
  GenerationNumber generation = 0;  // that the request made or left serving; 0: none
  std::string reason;               // one sentence; empty when there is nothing to explain
};

// Something worth a log line and an entry among the events.
enum class Happening {
  deploy_started,
  deploy_phase,     // the deploy has entered the phase that the text names
  canary_step,      // the candidate gets another share of the new connections
  steered,          // an operator has paused, resumed, promoted or aborted it
  cut_over,         // the new generation accepts; the old ones drain
  trouble,          // in a canary or a bake: what takes the deploy back
  rolled_back,      // the old generation accepts again, and the new one drains
  rollback_failed,  // the old generation could not come back; the new one serves on
  went_without,     // what was asked for can't be had: the text says what goes on without it
  deploy_failed,
  deploy_finished,  // the last older generation is gone
  worker_crashed,   // a serving worker ended unasked; the text says when it comes back
  crash_loop,       // it has crashed too often: from here on at the slowest pace
  drain_overdue,    // it did not finish in time and gets SIGTERM
  worker_killed,    // it ignored SIGTERM and gets SIGKILL
  standby_ended,    // a generation is not kept warm any more
  generation_gone,
  service_stopped,
};

struct Record {
  Happening what{};
  GenerationNumber generation = 0;
  std::optional<WorkerId> worker;
  std::string text;                      // one sentence
  std::optional<DeployPhase> entered{};  // with deploy_phase, where it is one
};

using Action = std::variant<BeginGeneration, EndGeneration, ForgetPlan, StartWorker, SendListeners,
                            Activate, Probe, Count, SplitLanes, HandOver, Drain, Stop, Terminate,
                            Kill, EndDeploy, Answer, Record>;

const char* to_string(Happening happening);

}  // namespace baton::core
