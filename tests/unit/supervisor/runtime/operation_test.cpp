#include "supervisor/runtime/operation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(Operation, ADeployIdNamesAGenerationOfItsService) {
  EXPECT_EQ(generation_of("", "items").value(), 0u);
  EXPECT_EQ(generation_of("items-4", "items").value(), 4u);
  EXPECT_EQ(generation_of("my-items-12", "my-items").value(), 12u);
  for (const std::string bad : {"items", "items-", "items-x", "items-4x", "items-0", "shop-4",
                                "items--4", "items-99999999999999999999"}) {
    const auto refused = generation_of(bad, "items");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().message, "'" + bad +
                                           "' is no deploy of items; those are items-1, items-2, "
                                           "...");
  }
}

TEST(Operation, APersonHasANameAndANumber) {
  EXPECT_EQ(person(0), "root (uid 0)");
  EXPECT_EQ(person(4'000'000'123u), "uid 4000000123");
}

TEST(Operation, TheStepsOfADeployAreSaidInTheirOrder) {
  LaunchPlan plan;
  plan.release = "/srv/r8";
  plan.policy.workers = 2;
  plan.policy.canary = {{5, 30s}};
  plan.policy.health = core::HealthGate{};
  plan.policy.bake = 60s;
  plan.policy.standby = 10min;
  plan.health = config::HealthProbe{};
  EXPECT_THAT(
      steps_of(plan, 7),
      ElementsAre(
          "start 2 worker(s) of /srv/r8, ready within 10s",
          "probe each: GET /healthz answered with 200, 1 time(s) in a row within 10s",
          "canary: 5 % of the new connections for 30s", "cut over; generation 7 drains within 10s",
          "bake for 1m, and roll back should there be trouble", "keep generation 7 warm for 10m"));
  EXPECT_EQ(steps_of(plan, 0).size(), 3u) << "where nothing serves, there is nothing to guard";
}

}  // namespace
}  // namespace baton::runtime
