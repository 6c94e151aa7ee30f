#include "service_driver.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace baton::core {
namespace {

using namespace std::chrono_literals;
using Workers = ServiceDriver::Workers;

ServicePolicy with_canary(unsigned workers = 1) {
  ServicePolicy policy = ServiceDriver::policy(workers);
  policy.two_lanes = true;
  policy.canary = {{5, 30s}, {50, 60s}};
  return policy;
}

// Generation 1 serves from both lanes; a deploy with a canary is under way, and in its first step.
class Canary : public testing::Test {
 protected:
  Canary() {
    driver.deploy(with_canary(2));
    driver.forget_actions();
    request = driver.deploy(with_canary(2));
  }

  Lanes lanes_of(WorkerId worker) const {
    Lanes lanes{99};
    for (const Activate& activate : driver.asked<Activate>()) {
      if (activate.worker == worker) lanes = activate.lanes;
    }
    return lanes;
  }
  std::vector<unsigned> weights() const {
    std::vector<unsigned> weights;
    for (const SplitLanes& split : driver.asked<SplitLanes>())
      weights.push_back(split.weight);
    return weights;
  }
  void expect_taken_back(Outcome outcome) {
    EXPECT_EQ(driver.current(), 1u);
    EXPECT_EQ(weights().back(), 0u);
    for (const WorkerId worker : driver.workers_of(1)) {
      EXPECT_EQ(driver.phase_of(worker), WorkerPhase::accepting);
      EXPECT_EQ(lanes_of(worker), Lanes{}) << "what waits in lane 1 is the old one's again";
    }
    EXPECT_TRUE(driver.workers_of(2).empty());
    ASSERT_TRUE(driver.answer_to(request));
    EXPECT_EQ(driver.answer_to(request)->outcome, outcome);
  }

  ServiceDriver driver;
  RequestId request = 0;
};

TEST_F(Canary, EachGenerationTakesALaneBeforeTheKernelSplits) {
  EXPECT_EQ(driver.view().deploy, DeployPhase::canary);
  EXPECT_EQ(driver.current(), 1u);
  for (const WorkerId worker : driver.workers_of(1))
    EXPECT_EQ(lanes_of(worker), Lanes{0});
  for (const WorkerId worker : driver.workers_of(2))
    EXPECT_EQ(lanes_of(worker), Lanes{1});
  EXPECT_EQ(weights(), (std::vector<unsigned>{0, 5}));
  EXPECT_TRUE(driver.asked<Drain>().empty());
}

TEST_F(Canary, ThePreparationEndsOnlyWhenEverybodyHasSaidSo) {
  ServiceDriver slow;
  slow.deploy(with_canary());
  slow.behave(Workers::are_silent);
  slow.deploy(with_canary());
  const WorkerId candidate = slow.workers_of(2)[0];
  slow.send(WorkerConnected{candidate});
  slow.send(WorkerReady{candidate});
  slow.send(WorkerAccepting{candidate});
  EXPECT_EQ(slow.asked<SplitLanes>().back().weight, 0u);
  EXPECT_EQ(slow.phase_of(slow.workers_of(1)[0]), WorkerPhase::switching);
  slow.send(WorkerAccepting{slow.workers_of(1)[0]});
  EXPECT_EQ(slow.asked<SplitLanes>().back().weight, 5u);
}

TEST_F(Canary, StepsAreOneSplitEach) {
  driver.pass(29s);
  EXPECT_EQ(weights().back(), 5u);
  driver.pass(1s);
  EXPECT_EQ(weights(), (std::vector<unsigned>{0, 5, 50}));
  EXPECT_EQ(driver.current(), 1u);
}

TEST_F(Canary, AtItsEndTheNewTakesBothLanesBeforeTheOldDrains) {
  driver.pass(89s);
  driver.behave(Workers::are_silent);
  driver.pass(1s);
  EXPECT_EQ(driver.view().deploy, DeployPhase::cutting_over);
  EXPECT_TRUE(driver.asked<Drain>().empty());
  for (const WorkerId worker : driver.workers_of(2)) {
    EXPECT_EQ(lanes_of(worker), Lanes{});
    driver.send(WorkerAccepting{worker});
  }
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.asked<Drain>().size(), 2u);
  EXPECT_EQ(weights().back(), 0u);
}

TEST_F(Canary, ACrashOfTheNewTakesItBack) {
  driver.send(WorkerExited{driver.workers_of(2)[0], {true, SIGSEGV}});
  expect_taken_back(Outcome::failed_old_serving);
  EXPECT_EQ(driver.answer_to(request)->reason, "a worker was killed by SIGSEGV");
}

TEST_F(Canary, ACrashOfTheOldIsMendedInItsOwnLane) {
  driver.send(WorkerExited{driver.workers_of(1)[0], {true, SIGSEGV}});
  EXPECT_EQ(driver.view().deploy, DeployPhase::canary);
  driver.pass(100ms);
  ASSERT_EQ(driver.workers_of(1).size(), 2u);
  EXPECT_EQ(lanes_of(driver.workers_of(1)[1]), Lanes{0});
}

TEST_F(Canary, IsTakenBackByAnAbort) {
  const RequestId abort = driver.steer(Steer::abort);
  expect_taken_back(Outcome::aborted);
  EXPECT_EQ(driver.answer_to(abort)->outcome, Outcome::done);
  EXPECT_EQ(driver.answer_to(abort)->generation, 1u);
}

TEST_F(Canary, AnAbortWhileTheLanesSwitchWaitsForTheNewestAcknowledgement) {
  ServiceDriver slow;
  slow.deploy(with_canary());
  slow.behave(Workers::are_silent);
  slow.deploy(with_canary());
  const WorkerId old = slow.workers_of(1)[0];
  const WorkerId candidate = slow.workers_of(2)[0];
  slow.send(WorkerConnected{candidate});
  slow.send(WorkerReady{candidate});
  slow.steer(Steer::abort);
  slow.send(WorkerAccepting{old});
  EXPECT_EQ(slow.phase_of(old), WorkerPhase::switching) << "that was for the first order";
  slow.send(WorkerAccepting{old});
  EXPECT_EQ(slow.phase_of(old), WorkerPhase::accepting);
  EXPECT_EQ(slow.asked<Activate>().back().lanes, Lanes{});
}

TEST_F(Canary, PauseStopsTheClockAndResumeLetsItGoOn) {
  driver.pass(10s);
  EXPECT_EQ(driver.answer_to(driver.steer(Steer::pause))->outcome, Outcome::done);
  EXPECT_TRUE(driver.view().paused);
  driver.pass(1h);
  EXPECT_EQ(weights().back(), 5u);
  EXPECT_EQ(driver.answer_to(driver.steer(Steer::resume))->outcome, Outcome::done);
  driver.pass(19s);
  EXPECT_EQ(weights().back(), 5u);
  driver.pass(1s);
  EXPECT_EQ(weights().back(), 50u);
}

TEST_F(Canary, PromoteEndsItAtOnce) {
  EXPECT_EQ(driver.answer_to(driver.steer(Steer::promote))->outcome, Outcome::done);
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
}

TEST_F(Canary, AStopDrainsBothLanes) {
  driver.stop();
  EXPECT_EQ(weights().back(), 0u);
  EXPECT_TRUE(driver.view().generations.empty());
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::superseded);
  for (const Drain& drain : driver.asked<Drain>())
    EXPECT_EQ(drain.backlog, Backlog::serve);
}

TEST_F(Canary, AQueuedDeployWaitsForItsEnd) {
  const RequestId queued = driver.deploy(with_canary(), WhenBusy::queue);
  driver.pass(89s);
  EXPECT_EQ(driver.asked<BeginGeneration>().size(), 1u);
  driver.pass(1s);
  EXPECT_EQ(driver.asked<BeginGeneration>().size(), 2u);
  EXPECT_FALSE(driver.answer_to(queued));
}

TEST(CanaryImpossible, TheFirstGenerationHasNothingToBeSplitWith) {
  ServiceDriver driver;
  driver.deploy(with_canary());
  EXPECT_EQ(driver.current(), 1u);
  EXPECT_TRUE(driver.asked<SplitLanes>().empty());
  EXPECT_TRUE(driver.records(Happening::went_without).empty());
}

TEST(CanaryImpossible, AGenerationWithoutLanesIsReplacedAtOnceAndThatIsSaid) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.deploy(with_canary());
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_TRUE(driver.asked<SplitLanes>().empty());
  EXPECT_EQ(driver.records(Happening::went_without).size(), 1u);
}

TEST_F(Canary, AJumpOfTheClockEndsItsStepAndNoOther) {
  driver.leap(24h);
  EXPECT_EQ(driver.view().deploy, DeployPhase::canary);
  EXPECT_EQ(weights().back(), 50u);
  driver.pass(59s);
  EXPECT_EQ(driver.view().deploy, DeployPhase::canary);
  driver.pass(1s);
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
}

}  // namespace
}  // namespace baton::core
