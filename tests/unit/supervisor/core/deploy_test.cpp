#include "service_driver.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace baton::core {
namespace {

using namespace std::chrono_literals;
using Workers = ServiceDriver::Workers;

// Generation 1 serves, and the workers of what comes next say nothing by themselves.
class Deploy : public testing::Test {
 protected:
  Deploy() {
    driver.deploy(2);
    driver.behave(Workers::are_silent);
    driver.forget_actions();
  }

  // Takes the workers of the candidate as far as `phase`.
  void bring_to(GenerationNumber generation, WorkerPhase phase) {
    for (const WorkerId worker : driver.workers_of(generation)) {
      if (phase >= WorkerPhase::warming) driver.send(WorkerConnected{worker});
      if (phase >= WorkerPhase::ready) driver.send(WorkerReady{worker});
    }
    if (phase < WorkerPhase::accepting) return;
    for (const WorkerId worker : driver.workers_of(generation))
      driver.send(WorkerAccepting{worker});
  }

  void expect_old_serves_untouched() {
    EXPECT_EQ(driver.current(), 1u);
    EXPECT_TRUE(driver.asked<Drain>().empty());
    for (const WorkerId worker : driver.workers_of(1)) {
      EXPECT_EQ(driver.phase_of(worker), WorkerPhase::accepting);
    }
  }

  // Ends every worker of a generation that was told to end.
  void end_workers_of(GenerationNumber generation) {
    for (const WorkerId worker : driver.workers_of(generation)) {
      driver.send(WorkerExited{worker, {true, SIGTERM}});
    }
  }

  ServiceDriver driver;
};

TEST_F(Deploy, NobodyIsToldToAcceptBeforeAllAreReady) {
  driver.deploy(2);
  const auto workers = driver.workers_of(2);
  ASSERT_EQ(workers.size(), 2u);
  bring_to(2, WorkerPhase::warming);
  driver.send(WorkerReady{workers[0]});
  EXPECT_TRUE(driver.asked<Activate>().empty());
  driver.send(WorkerReady{workers[1]});
  EXPECT_EQ(driver.asked<Activate>().size(), 2u);
}

TEST_F(Deploy, TheOldDrainsOnlyWhenAllOfTheNewAccept) {
  driver.deploy(2);
  bring_to(2, WorkerPhase::ready);
  const auto workers = driver.workers_of(2);
  driver.send(WorkerAccepting{workers[0]});
  expect_old_serves_untouched();
  driver.send(WorkerAccepting{workers[1]});
  EXPECT_EQ(driver.current(), 2u);
  const auto drains = driver.asked<Drain>();
  ASSERT_EQ(drains.size(), 2u);
  EXPECT_EQ(drains[0].timeout, ServiceDriver::policy().drain_timeout);
  EXPECT_EQ(drains[0].backlog, Backlog::leave);
}

TEST_F(Deploy, IsAnsweredWhenTheOldIsGoneAndNotBefore) {
  const RequestId request = driver.deploy(1);
  bring_to(2, WorkerPhase::accepting);
  EXPECT_FALSE(driver.answer_to(request));
  for (const WorkerId worker : driver.workers_of(1))
    driver.send(WorkerDrained{worker, 5, 0});
  EXPECT_EQ(driver.asked<Stop>().size(), 2u);
  EXPECT_FALSE(driver.answer_to(request));
  for (const WorkerId worker : driver.workers_of(1))
    driver.send(WorkerExited{worker, {}});
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
  EXPECT_EQ(driver.answer_to(request)->generation, 2u);
  EXPECT_FALSE(driver.machine().next_deadline()) << "a service at rest waits for nothing";
}

TEST_F(Deploy, WhatWasCutOffMakesItDegraded) {
  const RequestId request = driver.deploy(1);
  bring_to(2, WorkerPhase::accepting);
  const auto old = driver.workers_of(1);
  driver.send(WorkerDrained{old[0], 5, 3});
  for (const WorkerId worker : old)
    driver.send(WorkerExited{worker, {}});
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::degraded);
  EXPECT_EQ(driver.answer_to(request)->reason,
            "3 unfinished request(s) of generation 1 were cut off at the drain timeout");
}

struct Failure {
  const char* name;
  WorkerPhase reached;
  std::vector<Event> (*events)(WorkerId worker);
  Duration wait;
  const char* reason;
};

class FailingDeploy : public Deploy, public testing::WithParamInterface<Failure> {};

TEST_P(FailingDeploy, LeavesTheOldServingAndSaysWhy) {
  const RequestId request = driver.deploy(2);
  bring_to(2, GetParam().reached);
  const auto workers = driver.workers_of(2);
  for (const Event& event : GetParam().events(workers[0]))
    driver.send(event);
  driver.pass(GetParam().wait);
  EXPECT_FALSE(driver.answer_to(request)) << "answered before the new generation is gone";
  // What of the new one had been told to accept drains, the rest is terminated: both end.
  for (const WorkerId worker : driver.workers_of(2))
    driver.send(WorkerExited{worker, {}});

  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::failed_old_serving);
  EXPECT_EQ(driver.answer_to(request)->generation, 1u);
  EXPECT_EQ(driver.answer_to(request)->reason, GetParam().reason);
  EXPECT_EQ(driver.current(), 1u);
  for (const WorkerId worker : driver.workers_of(1)) {
    EXPECT_EQ(driver.phase_of(worker), WorkerPhase::accepting);
  }
  EXPECT_FALSE(driver.machine().next_deadline());
}

std::vector<Event> exits_with_3(WorkerId worker) {
  return {WorkerExited{worker, {false, 3}}};
}
std::vector<Event> is_killed(WorkerId worker) {
  return {WorkerExited{worker, {true, SIGKILL}}};
}
std::vector<Event> nothing(WorkerId) {
  return {};
}

INSTANTIATE_TEST_SUITE_P(
    EachWay, FailingDeploy,
    testing::Values(
        Failure{"CannotBeStarted", WorkerPhase::starting,
                [](WorkerId worker) -> std::vector<Event> {
                  return {WorkerNotStarted{worker, "cannot execute 'bin/x': No such file"}};
                },
                0ms, "a worker could not be started: cannot execute 'bin/x': No such file"},
        Failure{"ExitsAtOnce", WorkerPhase::starting, exits_with_3, 0ms,
                "a worker exited with code 3 before it said hello"},
        Failure{"ExitsAfterHello", WorkerPhase::warming, exits_with_3, 0ms,
                "a worker exited with code 3 before it said ready"},
        Failure{"SaysWhyOnStandardError", WorkerPhase::starting,
                [](WorkerId worker) -> std::vector<Event> {
                  return {WorkerExited{worker, {false, 3}, "no such option: --listn"}};
                },
                0ms,
                "a worker exited with code 3 before it said hello; it said last: \"no such option: "
                "--listn\""},
        Failure{"IsKilledWhenReady", WorkerPhase::warming,
                [](WorkerId worker) -> std::vector<Event> {
                  return {WorkerReady{worker}, WorkerExited{worker, {true, SIGKILL}}};
                },
                0ms, "a worker was killed by SIGKILL before it said accepting"},
        Failure{"IsKilledAtTheCutover", WorkerPhase::ready, is_killed, 0ms,
                "a worker was killed by SIGKILL before it said accepting"},
        Failure{"SaysThatItFailed", WorkerPhase::warming,
                [](WorkerId worker) -> std::vector<Event> {
                  return {WorkerFailed{worker, "failed: no database"},
                          WorkerExited{worker, {false, 1}}};
                },
                0ms, "a worker failed: no database before it said ready (exited with code 1)"},
        Failure{"SaysReadyTwice", WorkerPhase::warming,
                [](WorkerId worker) -> std::vector<Event> {
                  return {WorkerReady{worker}, WorkerReady{worker},
                          WorkerExited{worker, {true, SIGTERM}}};
                },
                0ms, "a worker said ready while it was ready before it said accepting"},
        Failure{"NeverSaysHello", WorkerPhase::starting, nothing, 10s,
                "a worker did not say hello within 10s"},
        Failure{"NeverSaysReady", WorkerPhase::warming, nothing, 10s,
                "a worker did not say ready within 10s"},
        Failure{"NeverSaysAccepting", WorkerPhase::ready, nothing, 10s,
                "a worker did not say accepting within 10s"}),
    [](const auto& each) { return each.param.name; });

TEST_F(Deploy, AWorkerThatAcceptedDrainsWhenTheCutoverFails) {
  driver.deploy(2);
  bring_to(2, WorkerPhase::ready);
  const auto workers = driver.workers_of(2);
  driver.send(WorkerAccepting{workers[0]});
  driver.send(WorkerExited{workers[1], {true, SIGKILL}});
  const auto drains = driver.asked<Drain>();
  ASSERT_EQ(drains.size(), 1u);
  EXPECT_EQ(drains[0].worker, workers[0]);
  EXPECT_EQ(driver.current(), 1u);
}

TEST_F(Deploy, OneThatIgnoresSigtermIsKilledBeforeTheAnswer) {
  const RequestId request = driver.deploy(1);
  driver.pass(10s);
  EXPECT_EQ(driver.asked<Terminate>().size(), 1u);
  driver.pass(2s);
  ASSERT_EQ(driver.asked<Kill>().size(), 1u);
  EXPECT_FALSE(driver.answer_to(request));
  end_workers_of(2);
  EXPECT_TRUE(driver.answer_to(request));
}

TEST_F(Deploy, ASecondOneIsRefusedWithTheStateOfTheFirst) {
  driver.deploy(1);
  const RequestId second = driver.deploy(1);
  ASSERT_TRUE(driver.answer_to(second));
  EXPECT_EQ(driver.answer_to(second)->outcome, Outcome::busy);
  EXPECT_EQ(driver.answer_to(second)->reason, "the deploy of generation 2 is running (starting)");
}

TEST_F(Deploy, OfTenQueuedOnesOnlyTheNewestComes) {
  driver.deploy(1, WhenBusy::queue);
  std::vector<RequestId> queued;
  for (int i = 0; i < 9; ++i)
    queued.push_back(driver.deploy(1, WhenBusy::queue));
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(driver.answer_to(queued[static_cast<std::size_t>(i)]));
    EXPECT_EQ(driver.answer_to(queued[static_cast<std::size_t>(i)])->outcome, Outcome::superseded);
  }
  bring_to(2, WorkerPhase::accepting);
  EXPECT_EQ(driver.asked<BeginGeneration>().size(), 2u);
  EXPECT_EQ(driver.asked<BeginGeneration>().back().plan, queued.back());
}

TEST_F(Deploy, TheNextOneNeedNotWaitForADrain) {
  driver.deploy(1);
  bring_to(2, WorkerPhase::accepting);
  driver.deploy(1);
  bring_to(3, WorkerPhase::accepting);
  EXPECT_EQ(driver.current(), 3u);
  EXPECT_EQ(driver.view().generations.size(), 3u);
}

TEST_F(Deploy, AFourthGenerationWaitsUntilTheOldestIsGone) {
  driver.deploy(1);
  bring_to(2, WorkerPhase::accepting);
  driver.deploy(1);
  bring_to(3, WorkerPhase::accepting);
  const RequestId waits = driver.deploy(1);
  EXPECT_FALSE(driver.answer_to(waits)) << "a drain is bounded, and is worth waiting for";
  EXPECT_EQ(driver.asked<BeginGeneration>().size(), 2u);
  const RequestId refused = driver.deploy(1);
  ASSERT_TRUE(driver.answer_to(refused));
  EXPECT_EQ(driver.answer_to(refused)->outcome, Outcome::busy);
  EXPECT_EQ(driver.answer_to(refused)->reason,
            "another deploy waits for an older generation to drain");
  driver.deploy(1, WhenBusy::queue);
  EXPECT_EQ(driver.answer_to(waits)->outcome, Outcome::superseded);
  end_workers_of(1);
  EXPECT_EQ(driver.asked<BeginGeneration>().size(), 3u);
}

TEST_F(Deploy, ThePlanIsForgottenWhenNoGenerationRunsIt) {
  const RequestId request = driver.deploy(1);
  EXPECT_TRUE(driver.asked<ForgetPlan>().empty());
  end_workers_of(2);
  ASSERT_EQ(driver.asked<ForgetPlan>().size(), 1u);
  EXPECT_EQ(driver.asked<ForgetPlan>()[0].plan, request);
}

TEST(FirstDeploy, ThatFailsIsAnsweredAndTriedAgainWithTheSamePlan) {
  ServiceDriver driver(Workers::are_silent);
  const RequestId request = driver.deploy(1);
  driver.send(WorkerExited{driver.workers_of(1)[0], {false, 1}});
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::failed);
  EXPECT_TRUE(driver.asked<ForgetPlan>().empty());
  driver.pass(100ms);
  ASSERT_EQ(driver.asked<BeginGeneration>().size(), 2u);
  EXPECT_EQ(driver.asked<BeginGeneration>()[1].generation, 2u);
  EXPECT_EQ(driver.asked<BeginGeneration>()[1].plan, request);
}

TEST(FirstDeploy, ThatFailsForEverIsTriedAtTheSlowestPace) {
  ServiceDriver driver(Workers::are_silent);
  driver.deploy(1);
  std::size_t begun = 1;
  for (int i = 0; i < 20; ++i) {
    const auto workers = driver.workers_of(begun);
    if (!workers.empty()) driver.send(WorkerExited{workers[0], {false, 1}});
    driver.pass(30s);
    begun = driver.asked<BeginGeneration>().size();
  }
  EXPECT_LE(begun, 22u);
  EXPECT_GE(begun, 20u);
}

}  // namespace
}  // namespace baton::core
