// Claims:
//  - A deploy loses nothing: 20 SIGHUPs in 9 s under 32 clients that open a new connection for
//    every request; at least 15 generations have answered. TCP v4, v6 and Unix; a listener with two
//    workers, shared by two services.
//  - A SIGHUP during a deploy means one more deploy afterwards, with the newest config.
//  - Ten SIGHUPs at once end in one generation that runs the newest config.
//  - 200 deploys leave batond as the first one did: file descriptors, memory, processes.
#include "tests/integration/batond_test.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace baton::testing {
namespace {

using namespace std::chrono_literals;
using Hangup = BatondTest;

std::uint64_t newest_that_accepts(Batond& batond, const std::string& service) {
  std::uint64_t newest = 0;
  for (const LogEntry& entry : batond.entries("cut_over")) {
    if (entry.service == service) newest = std::max(newest, entry.generation);
  }
  return newest;
}

// On a machine so slow that several of them fall into one deploy more follow, until there are
// enough generations.
void hang_up_often(Batond& batond, const std::vector<std::string>& services = {"app"}) {
  for (int i = 0; i < 20; ++i) {
    batond.hang_up();
    std::this_thread::sleep_for(450ms);  // the load, not a wait for anything
  }
  for (const std::string& service : services) {
    for (auto next = newest_that_accepts(batond, service) + 1; next <= 16; ++next) {
      batond.hang_up();
      ASSERT_TRUE(batond.wait_for("cut_over", next, service)) << service << " " << next;
    }
  }
}

TEST_F(Hangup, TwentyUnderFreshConnectionsLoseNothing) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  torture::BackgroundRun run(clients(torture::Mode::fresh, 32));
  hang_up_often(batond());
  const auto report = run.finish();
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
  EXPECT_GE(report.generations.size(), 15u);
}

TEST_F(Hangup, LoseNothingOnAnyKindOfSocketSharedByServicesWithTwoWorkers) {
  site_.listeners = {
      {"web", "127.0.0.1:0"}, {"six", "[::1]:0"}, {"local", "unix:" + scratch("s").string()}};
  ServiceText service;
  service.listeners = {"web", "six", "local"};
  service.workers = 2;
  site_.services = {{"app", service}, {"other", service}};
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  torture::BackgroundRun web(clients(torture::Mode::fresh, 12, "web"));
  torture::BackgroundRun six(clients(torture::Mode::fresh, 10, "six"));
  torture::BackgroundRun local(clients(torture::Mode::fresh, 10, "local"));
  hang_up_often(batond(), {"app", "other"});
  for (auto* run : {&web, &six, &local}) {
    const auto report = run->finish();
    EXPECT_TRUE(report.passed()) << torture::to_json(report);
    EXPECT_GE(report.generations.size(), 15u);
  }
}

TEST_F(Hangup, DuringADeployMeansOneMoreAfterwardsWithTheNewestConfig) {
  Gate gate(scratch("gate"));
  site_.add_scripted("v1");
  site_.add_scripted("v2", {"--at", "listeners=gate:" + gate.path().string()});
  site_.add_scripted("v3", {"--at", "listeners=print:1"});
  site_.use("v1");
  start();
  site_.use("v2");
  batond().hang_up();
  ASSERT_TRUE(gate.await_arrival());
  batond().hang_up();
  ASSERT_TRUE(eventually([&] { return batond().entries("reload").size() == 2; }));
  site_.use("v3");
  batond().hang_up();
  ASSERT_TRUE(eventually([&] { return batond().entries("reload").size() == 3; }));
  EXPECT_EQ(generation_that_answers(), 1u);
  gate.open();
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  ASSERT_TRUE(batond().wait_for("cut_over", 3));
  ASSERT_TRUE(batond().wait_for([](const LogEntry& entry) {
    return entry.stream == "out" && entry.generation == 3;
  })) << "generation 3 does not run the newest release";
  ASSERT_TRUE(batond().wait_for("generation_gone", 2));
  EXPECT_EQ(generation_that_answers(), 3u);
  EXPECT_EQ(workers().size(), 1u);
}

TEST_F(Hangup, TenAtOnceEndInOneGenerationWithTheNewestConfig) {
  site_.add_scripted("v1");
  site_.add_scripted("v2", {"--at", "accepting=print:1"});
  site_.use("v1");
  start();
  torture::BackgroundRun run(clients(torture::Mode::fresh, 4));
  site_.use("v2");
  for (int i = 0; i < 10; ++i) {
    batond().hang_up();
    std::this_thread::sleep_for(10ms);
  }
  // Quiet: whatever was begun has cut over, and only the newest is left.
  ASSERT_TRUE(eventually([&] {
    const auto begun = batond().entries("deploy_started");
    const auto finished = batond().entries("deploy_finished");
    return begun.size() > 1 && finished.size() == begun.size() && workers().size() == 1;
  }));
  const auto newest = batond().entries("deploy_started").back().generation;
  EXPECT_LE(newest, 11u);
  EXPECT_EQ(generation_that_answers(), newest);
  EXPECT_TRUE(batond().wait_for([&](const LogEntry& entry) {
    return entry.stream == "out" && entry.generation == newest;
  })) << "the newest generation does not run the newest release";
  const auto report = run.finish();
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
}

TEST_F(Hangup, TwoHundredDeploysLeaveNothingBehind) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  const auto deploy_until = [&](std::uint64_t last) {
    for (auto number = batond().entries("cut_over").back().generation; number < last;) {
      batond().hang_up();
      if (!batond().wait_for("generation_gone", number)) return false;
      ++number;
    }
    return true;
  };
  // The journals in memory fill up first: they are bounded, and not what this is about.
  ASSERT_TRUE(deploy_until(40));
  const auto fds = open_fds(batond().pid());
  const auto memory = private_memory_kib(batond().pid());
  ASSERT_TRUE(deploy_until(200));
  EXPECT_TRUE(eventually([&] { return open_fds(batond().pid()) <= fds; }))
      << open_fds(batond().pid()) << " file descriptors instead of " << fds;
  if (memory_is_real) {
    EXPECT_LE(private_memory_kib(batond().pid()), memory + 1024);
  }
  EXPECT_EQ(workers().size(), 1u);
  RecordProperty("fds", static_cast<int>(fds));
  RecordProperty("memory_kib", static_cast<int>(private_memory_kib(batond().pid())));
}

}  // namespace
}  // namespace baton::testing
