#include "supervisor/runtime/service_status.hpp"

#include <gtest/gtest.h>

namespace baton::runtime {
namespace {

core::GenerationView generation(core::GenerationRole role, core::WorkerPhase phase) {
  core::GenerationView out;
  out.role = role;
  out.wanted_workers = 1;
  out.workers.push_back({.id = 1, .phase = phase, .since = {}, .deadline = {}});
  return out;
}

const auto current = generation(core::GenerationRole::current, core::WorkerPhase::accepting);
const auto candidate = generation(core::GenerationRole::candidate, core::WorkerPhase::starting);
const auto retiring = generation(core::GenerationRole::retiring, core::WorkerPhase::draining);

core::ServiceView view(std::vector<core::GenerationView> generations,
                       core::DeployPhase deploy = core::DeployPhase::idle) {
  core::ServiceView out;
  out.wanted_up = true;
  out.deploy = deploy;
  out.generations = std::move(generations);
  return out;
}

TEST(ServiceState, IsOneWordForWhatAnOperatorWantsToKnow) {
  EXPECT_EQ(service_state(view({current})), "running");
  EXPECT_EQ(service_state(view({retiring, current})), "draining");
  EXPECT_EQ(service_state(view({candidate}, core::DeployPhase::starting)), "starting");
  EXPECT_EQ(service_state(view({current, candidate}, core::DeployPhase::starting)), "deploying");
  EXPECT_EQ(service_state(view({})), "degraded");

  auto short_of_one = current;
  short_of_one.wanted_workers = 2;
  EXPECT_EQ(service_state(view({short_of_one})), "degraded");

  auto looping = current;
  looping.crash_looping = true;
  EXPECT_EQ(service_state(view({looping})), "crash-looping");

  auto unwanted = view({retiring});
  unwanted.wanted_up = false;
  EXPECT_EQ(service_state(unwanted), "stopping");
  EXPECT_EQ(service_state({}), "stopped");
}

}  // namespace
}  // namespace baton::runtime
