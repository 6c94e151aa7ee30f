#include "supervisor/core/types.hpp"

#include <csignal>
#include <cstring>

namespace baton::core {

std::string describe(ExitStatus status) {
  if (!status.signalled) return "exited with code " + std::to_string(status.value);
  const char* const name = ::sigabbrev_np(status.value);
  return std::string("was killed by ") +
         (name ? "SIG" + std::string(name) : "signal " + std::to_string(status.value));
}

const char* to_string(WorkerPhase phase) {
  switch (phase) {
    case WorkerPhase::starting:
      return "starting";
    case WorkerPhase::warming:
      return "warming";
    case WorkerPhase::ready:
      return "ready";
    case WorkerPhase::activating:
      return "activating";
    case WorkerPhase::accepting:
      return "accepting";
    case WorkerPhase::switching:
      return "switching";
    case WorkerPhase::draining:
      return "draining";
    case WorkerPhase::standby:
      return "standby";
    case WorkerPhase::stopping:
      return "stopping";
    case WorkerPhase::terminating:
      return "terminating";
    case WorkerPhase::killing:
      return "killing";
  }
  return "unknown";
}

const char* to_string(DeployPhase phase) {
  switch (phase) {
    case DeployPhase::idle:
      return "idle";
    case DeployPhase::starting:
      return "starting";
    case DeployPhase::warming:
      return "warming";
    case DeployPhase::probing:
      return "probing";
    case DeployPhase::canary:
      return "canary";
    case DeployPhase::cutting_over:
      return "cutting_over";
    case DeployPhase::baking:
      return "baking";
    case DeployPhase::rolling_back:
      return "rolling_back";
    case DeployPhase::aborting:
      return "aborting";
  }
  return "unknown";
}

const char* to_string(GenerationRole role) {
  switch (role) {
    case GenerationRole::candidate:
      return "candidate";
    case GenerationRole::current:
      return "current";
    case GenerationRole::standby:
      return "standby";
    case GenerationRole::retiring:
      return "retiring";
  }
  return "unknown";
}

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::failed:
      return "failed";
    case Outcome::failed_old_serving:
      return "failed_old_serving";
    case Outcome::degraded:
      return "degraded";
    case Outcome::busy:
      return "busy";
    case Outcome::superseded:
      return "superseded";
    case Outcome::aborted:
      return "aborted";
    case Outcome::rolled_back:
      return "rolled_back";
  }
  return "unknown";
}

}  // namespace baton::core
