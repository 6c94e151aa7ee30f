#include "supervisor/core/action.hpp"

namespace baton::core {

const char* to_string(Happening happening) {
  switch (happening) {
    case Happening::deploy_started:
      return "deploy_started";
    case Happening::deploy_phase:
      return "deploy_phase";
    case Happening::cut_over:
      return "cut_over";
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
    case Happening::generation_gone:
      return "generation_gone";
    case Happening::service_stopped:
      return "service_stopped";
  }
  return "unknown";
}

}  // namespace baton::core
