// How the core's happenings appear in the log. Pure.
#pragma once

#include "supervisor/core/action.hpp"
#include "supervisor/log/line.hpp"

namespace baton::runtime {

log::Level level_of(core::Happening happening);

// Whether it is a step of the deploy that made its generation, and bears that deploy's id.
bool belongs_to_deploy(core::Happening happening);

}  // namespace baton::runtime
