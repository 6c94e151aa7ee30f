// Claims:
//  - A POST whose body trickles in over 3 s across a SIGHUP is answered 201 by the old generation.
//  - A drain ends when the work ends, not when the timer does.
//  - Who does not finish in drain_timeout gets SIGTERM, who ignores that gets SIGKILL; nothing
//    outlives it, and batonctl says that the deploy was degraded (151).
//  - A connection that is idle during a drain is not closed under its client.
//  - SIGTERM to batond answers what waits in the listeners' queues.
#include "tests/integration/batond_test.hpp"

#include <iostream>

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

class DrainTest : public BatondTest {
 protected:
  void serve(const std::vector<std::string>& arguments) {
    site_.add_scripted("v1", arguments);
    site_.add_scripted("v2");
    site_.use("v1");
    start();
  }
  bool has_connections(std::uint64_t number) {
    return eventually([&] {
      const auto worker = batond().status()["services"][0]["generations"][0]["workers"][0];
      return worker["connections"] == number;
    });
  }
};

using Drain = DrainTest;

TEST_F(Drain, APostThatTricklesInAcrossAHangupIsAnsweredByTheOldGeneration) {
  serve({});
  auto options = clients(torture::Mode::slow_body, 1);
  options.requests = 1;
  options.body_time = 3s;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(has_connections(1));
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  // The old one accepts until it has heard of the drain.
  EXPECT_TRUE(eventually([&] { return generation_that_answers() == 2; }));
  EXPECT_EQ(run.live().answered, 0u) << "the drain was to be under way";
  const auto report = run.wait();
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
  EXPECT_EQ(report.statuses.at(201), 1u);
  EXPECT_EQ(report.generations.begin()->first, 1u);
  EXPECT_TRUE(batond().wait_for("generation_gone", 1));
}

TEST_F(Drain, EndsWhenTheWorkEndsNotWhenTheTimerDoes) {
  site_.services["app"].drain_timeout = "10m";  // far beyond the patience of wait_for
  serve({});
  batond().hang_up();
  const auto cut_over = batond().wait_for("cut_over", 2);
  const auto gone = batond().wait_for("generation_gone", 1);
  ASSERT_TRUE(cut_over && gone);
  std::cout << "the old generation was gone " << between(*cut_over, *gone).count()
            << " ms after the cutover\n";
}

TEST_F(Drain, ADeployThatHasToWaitForItSaysItsIdAtOnce) {
  site_.services["app"].more = "max_generations = 2";
  serve({});
  auto options = clients(torture::Mode::slow_body, 1);
  options.requests = 1;
  options.body_time = 3s;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(has_connections(1));
  ASSERT_EQ(batond().ctl({"deploy", "app", "--detach"}).out, "app-2\n");
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  const Ran waiting = batond().ctl({"deploy", "app", "--detach"});
  EXPECT_EQ(waiting.exit_code, 0) << waiting.err;
  EXPECT_EQ(waiting.out, "app-3\n");
  EXPECT_EQ(run.live().answered, 0u) << "the drain was to be under way";
  EXPECT_TRUE(run.wait().passed());
  EXPECT_TRUE(batond().wait_for("cut_over", 3));
}

TEST_F(Drain, AnIdleConnectionIsServedOnceMoreAndToldToClose) {
  serve({});
  auto options = clients(torture::Mode::keep_alive, 4);
  options.think_time = 500ms;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().answered >= 4; }));
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("generation_gone", 1));
  ASSERT_TRUE(eventually([&] { return run.live().newest_generation == 2; }));
  const auto report = run.finish();
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
  EXPECT_EQ(report.close_answers, 4u);
}

TEST_F(Drain, WhoIgnoresItGetsSigterm) {
  site_.services["app"].drain_timeout = "100ms";
  serve({"--at", "drain=mute"});
  const Ran ran = deploy("v2");
  EXPECT_EQ(ran.exit_code, 151) << ran.err;
  EXPECT_TRUE(batond().wait_for("drain_overdue", 1));
  EXPECT_TRUE(batond().wait_for("generation_gone", 1));
  EXPECT_TRUE(batond().entries("worker_killed").empty());
  EXPECT_EQ(workers().size(), 1u);
}

TEST_F(Drain, WhoIgnoresSigtermGetsSigkill) {
  site_.services["app"].drain_timeout = "100ms";
  site_.services["app"].kill_grace = "100ms";
  serve({"--at", "drain=hang", "--ignore-sigterm"});
  const Ran ran = deploy("v2");
  EXPECT_EQ(ran.exit_code, 151) << ran.err;
  EXPECT_TRUE(batond().wait_for("drain_overdue", 1));
  EXPECT_TRUE(batond().wait_for("worker_killed", 1));
  EXPECT_TRUE(batond().wait_for("generation_gone", 1));
  EXPECT_EQ(workers().size(), 1u);
}

TEST_F(Drain, WhoHasDrainedButDoesNotGoIsEnded) {
  site_.services["app"].kill_grace = "100ms";
  serve({"--at", "stop=mute"});
  EXPECT_NE(deploy("v2").exit_code, -1);
  EXPECT_TRUE(batond().wait_for("generation_gone", 1));
  EXPECT_EQ(workers().size(), 1u);
}

TEST_F(Drain, StoppingAnswersWhatWaitsInTheQueue) {
  serve({});
  const pid_t worker = workers().at(0);
  signal_process(worker, SIGSTOP);
  auto options = clients(torture::Mode::fresh, 8);
  options.requests = 8;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().connections == 8; }));
  batond().process().signal(SIGTERM);
  ASSERT_TRUE(batond().wait_for("shutdown"));
  signal_process(worker, SIGCONT);
  const auto report = run.wait();
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
}

TEST_F(Drain, ASecondSigtermStopsAtOnce) {
  site_.services["app"].drain_timeout = "10m";
  serve({"--at", "drain=mute"});
  batond().process().signal(SIGTERM);
  ASSERT_TRUE(batond().wait_for("shutdown"));
  batond().process().signal(SIGTERM);
  EXPECT_EQ(batond().process().wait(), 0);
}

}  // namespace
}  // namespace baton::testing
