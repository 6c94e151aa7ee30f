// Claims: crashed workers come back with backoff; a crash loop is visible and does not burn CPU; a
// good release ends it; and a first release that never comes up is tried again, not spun on.
#include "tests/integration/batond_test.hpp"

#include <thread>

namespace baton::testing {
namespace {

using namespace std::chrono_literals;
using CrashLoop = BatondTest;

constexpr const char* quick_loop =
    "restart = { initial = \"5ms\", max = \"10m\", limit = 3, within = \"5m\" }";

TEST_F(CrashLoop, IsVisibleAtRestAndEndedByAGoodRelease) {
  site_.services["app"].more = quick_loop;
  site_.add_scripted("v1", {"--at", "accepting=exit:1"});
  site_.add_scripted("v2");
  site_.use("v1");
  start();
  ASSERT_TRUE(batond().wait_for("crash_loop", 1));
  EXPECT_EQ(batond().status()["services"][0]["state"], "crash-looping");
  EXPECT_EQ(batond().ctl({"status"}).exit_code, 3);

  const auto crashes = batond().entries("worker_crashed").size();
  const auto switches = times_slept(batond().pid());
  std::this_thread::sleep_for(1s);  // a stretch in which nothing may happen
  EXPECT_EQ(batond().entries("worker_crashed").size(), crashes);
  EXPECT_LE(times_slept(batond().pid()), switches + 2);

  EXPECT_THAT(deploy("v2").exit_code, ::testing::AnyOf(0, 151));
  EXPECT_EQ(generation_that_answers(), 2u);
  EXPECT_EQ(batond().status()["services"][0]["state"], "running");
}

TEST_F(CrashLoop, OfAFirstReleaseThatNeverComesUpEndsWithAGoodOne) {
  site_.services["app"].more = quick_loop;
  site_.add_scripted("v1", {"--at", "start=exit:1"});
  site_.add_scripted("v2");
  site_.use("v1");
  site_.write_config();
  batond_.emplace(site_);
  ASSERT_TRUE(batond().wait_for("deploy_failed", 4));
  ASSERT_TRUE(
      eventually([&] { return batond().status()["services"][0]["state"] == "crash-looping"; }));
  EXPECT_EQ(deploy("v2").exit_code, 0);
  EXPECT_NE(generation_that_answers(), 0u);
}

}  // namespace
}  // namespace baton::testing
