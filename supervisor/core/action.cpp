#include "supervisor/core/action.hpp"

namespace baton::core {

const char* to_string(Happening happening) {
  switch (happening) {
    case Happening::deploy_started:
      return "deploy_started";
    case Happening::deploy_phase:
      return "deploy_phase";
    case Happening::canary_step:
      return "canary_step";
    case Happening::steered:
      return "steered";
    case Happening::cut_over:
      return "cut_over";
    case Happening::trouble:
      return "trouble";
    case Happening::rolled_back:
      return "rolled_back";
    case Happening::rollback_failed:
      return "rollback_failed";
    case Happening::went_without:
      return "went_without";
    case Happening::deploy_failed:
      return "deploy_failed";
    case Happening::deploy_finished:
      return "deploy_finished";
    case Happening::worker_crashed:
      return "worker_crashed";
    case Happening::crash_loop:
      return "crash_loop";
    case Happening::drain_overdue:
      return "drain_overdue";
    case Happening::worker_killed:
      return "worker_killed";
    case Happening::standby_ended:
      return "standby_ended";
    case Happening::generation_gone:
      return "generation_gone";
    case Happening::service_stopped:
      return "service_stopped";
  }
  return "unknown";
}

}  // namespace baton::core
