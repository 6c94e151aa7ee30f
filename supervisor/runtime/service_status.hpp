// What an operator is shown of a service: the machine's view, with what only the runtime knows.
// Pure.
#pragma once

#include "common/admin/api.hpp"
#include "supervisor/core/service_machine.hpp"
#include "supervisor/runtime/launch_plan.hpp"
#include "supervisor/runtime/worker.hpp"

#include <map>
#include <memory>
#include <string>

namespace baton::runtime {

struct ServiceFacts {  // borrowed for the call
  const std::string& name;
  const core::ServiceView& view;
  const std::map<core::GenerationNumber, std::shared_ptr<const LaunchPlan>>& plans;
  const std::map<core::WorkerId, std::unique_ptr<Worker>>& workers;
  const admin::DeployRecord* deploy = nullptr;  // that is under way
};

// `listeners` is left empty: a service's listeners are the config's.
admin::ServiceStatus describe(const ServiceFacts& facts, core::TimePoint now);

// One word: running, starting, deploying, draining, degraded, crash-looping, stopping, stopped.
std::string service_state(const core::ServiceView& view);

}  // namespace baton::runtime
