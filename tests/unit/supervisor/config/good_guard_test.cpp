// The keys of a service that guard its deploys, as they are meant.
#include "supervisor/config/config.hpp"

#include <gmock/gmock.h>

namespace baton::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Service service_with(const std::string& keys) {
  return parse(R"(
[listeners.web]
address = "127.0.0.1:8080"
[services.app]
command = ["run"]
directory = "/srv/app"
listeners = ["web"]
)" + keys,
               "f")
      .value()
      .services.at("app");
}

TEST(GoodGuards, EveryKeyIsRead) {
  const Service service = service_with(R"(
health = { path = "/ready?deep=1", status = 204, interval = "1s", timeout = "2s", successes = 3, deadline = "1m", failures = 5 }
canary = [ { weight = 5, for = "30s" }, { weight = 50, for = "1m" }, { weight = 100, for = "1ms" } ]
sticky = "client-ip"
bake = "10m"
standby = "1d"
error_limit = { percent = 5, at_least = 100 }
max_generations = 16
)");
  EXPECT_EQ(service.health, (HealthProbe{"/ready?deep=1", 204, 2s}));
  EXPECT_EQ(service.policy.health, (core::HealthGate{1s, 3, 1min, 5}));
  EXPECT_THAT(service.policy.canary,
              ElementsAre(core::CanaryStep{5, 30s}, core::CanaryStep{50, 1min},
                          core::CanaryStep{100, 1ms}));
  EXPECT_EQ(service.split, Split::by_client_address);
  EXPECT_EQ(service.policy.bake, 10min);
  EXPECT_EQ(service.policy.standby, 24h);
  EXPECT_EQ(service.policy.error_limit, (core::ErrorLimit{5, 100}));
  EXPECT_EQ(service.policy.max_generations, 16U);
}

TEST(GoodGuards, WithoutThemADeployIsPlain) {
  const Service service = service_with("");
  EXPECT_FALSE(service.health);
  EXPECT_FALSE(service.policy.health);
  EXPECT_TRUE(service.policy.canary.empty());
  EXPECT_EQ(service.split, Split::at_random);
  EXPECT_EQ(service.policy.bake, 0s);
  EXPECT_EQ(service.policy.standby, 0s);
  EXPECT_FALSE(service.policy.error_limit);
  EXPECT_EQ(service.policy.max_generations, 3U);
}

TEST(GoodGuards, EveryKeyOfHealthHasADefault) {
  const Service service = service_with("health = {}");
  EXPECT_EQ(service.health, (HealthProbe{"/healthz", 200, 1s}));
  EXPECT_EQ(service.policy.health, (core::HealthGate{100ms, 1, 10s, 3}));
}

TEST(GoodGuards, HealthMayBeATableOfItsOwn) {
  EXPECT_EQ(service_with("[services.app.health]\npath = '/up'\nfailures = 1"),
            service_with("health = { path = '/up', failures = 1 }"));
}

TEST(GoodGuards, ASplitIsAtRandomUnlessItIsSticky) {
  EXPECT_EQ(service_with("canary = [ { weight = 1, for = '1m' } ]").split, Split::at_random);
}

TEST(GoodGuards, ACanaryMayHave32Steps) {
  std::string steps;
  for (int weight = 1; weight <= 32; ++weight)
    steps += "{ weight = " + std::to_string(weight) + ", for = '1s' }, ";
  EXPECT_EQ(service_with("canary = [ " + steps + "]").policy.canary.size(), 32U);
}

TEST(GoodGuards, AnEmptyCanaryIsNoneAndZeroIsOff) {
  EXPECT_EQ(service_with("canary = []\nbake = '0s'\nstandby = '0s'"), service_with(""));
}

TEST(GoodGuards, TheErrorLimitMayForbidAnyError) {
  EXPECT_EQ(service_with("bake = '1m'\nerror_limit = { percent = 0 }").policy.error_limit,
            (core::ErrorLimit{0, 20}));
}

// The last success may come just before the deadline.
TEST(GoodGuards, ADeadlineMayBeBarelyLongEnough) {
  const Service service = service_with(
      "health = { interval = '1s', successes = 3, deadline = '2001ms', timeout = '2001ms' }");
  EXPECT_EQ(service.policy.health, (core::HealthGate{1s, 3, 2001ms, 3}));
}

}  // namespace
}  // namespace baton::config
