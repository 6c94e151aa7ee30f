#include "supervisor/runtime/happening_level.hpp"

namespace baton::runtime {

log::Level level_of(core::Happening happening) {
  switch (happening) {
    case core::Happening::deploy_failed:
    case core::Happening::crash_loop:
    case core::Happening::rollback_failed:
      return log::Level::error;
    case core::Happening::worker_crashed:
    case core::Happening::drain_overdue:
    case core::Happening::worker_killed:
    case core::Happening::trouble:
    case core::Happening::rolled_back:
    case core::Happening::went_without:
      return log::Level::warn;
    default:
      return log::Level::info;
  }
}

bool belongs_to_deploy(core::Happening happening) {
  switch (happening) {
    case core::Happening::deploy_started:
    case core::Happening::deploy_phase:
    case core::Happening::canary_step:
    case core::Happening::steered:
    case core::Happening::cut_over:
    case core::Happening::trouble:
    case core::Happening::rolled_back:
    case core::Happening::rollback_failed:
    case core::Happening::went_without:
    case core::Happening::deploy_failed:
    case core::Happening::deploy_finished:
      return true;
    default:
      return false;
  }
}

}  // namespace baton::runtime
