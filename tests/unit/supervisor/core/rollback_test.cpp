// What becomes of a generation that was superseded, and how it comes back.
#include "service_driver.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace baton::core {
namespace {

using namespace std::chrono_literals;
using Workers = ServiceDriver::Workers;

ServicePolicy kept(Duration bake, Duration standby, unsigned workers = 2) {
  ServicePolicy policy = ServiceDriver::policy(workers);
  policy.bake = bake;
  policy.standby = standby;
  return policy;
}

GenerationRole role_of(const ServiceDriver& driver, GenerationNumber number) {
  for (const GenerationView& each : driver.view().generations) {
    if (each.number == number) return each.role;
  }
  throw std::out_of_range("there is no such generation");
}

// ---- bake

class Bake : public testing::Test {
 protected:
  Bake() {
    driver.deploy(2);
    request = driver.deploy(kept(60s, 0s));
    driver.forget_actions();
  }

  ServiceDriver driver;
  RequestId request = 0;
};

TEST_F(Bake, KeepsTheOldWarmUntilItIsOver) {
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.view().deploy, DeployPhase::baking);
  EXPECT_EQ(role_of(driver, 1), GenerationRole::standby);
  EXPECT_EQ(driver.phase_of(driver.workers_of(1)[0]), WorkerPhase::standby);
  driver.pass(59s);
  EXPECT_FALSE(driver.answer_to(request)) << "it is not done before the bake is";
  driver.pass(1s);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
  EXPECT_EQ(driver.view().generations.size(), 1u);
  EXPECT_FALSE(driver.machine().next_deadline());
}

TEST_F(Bake, ACrashRollsItBack) {
  driver.send(WorkerExited{driver.workers_of(2)[0], {true, SIGSEGV}});
  EXPECT_EQ(driver.current(), 1u);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::rolled_back);
  EXPECT_EQ(driver.answer_to(request)->reason, "a worker was killed by SIGSEGV");
  EXPECT_EQ(driver.answer_to(request)->generation, 1u);
  EXPECT_TRUE(driver.workers_of(2).empty());
  for (const WorkerId worker : driver.workers_of(1))
    EXPECT_EQ(driver.phase_of(worker), WorkerPhase::accepting);
}

TEST_F(Bake, TheNewDrainsOnlyWhenAllOfTheOldAcceptAgain) {
  driver.behave(Workers::are_silent);
  driver.steer(Steer::abort);
  const auto old = driver.workers_of(1);
  driver.send(WorkerAccepting{old[0]});
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_TRUE(driver.asked<Drain>().empty());
  driver.send(WorkerAccepting{old[1]});
  EXPECT_EQ(driver.current(), 1u);
  EXPECT_EQ(driver.asked<Drain>().size(), 2u);
  for (const HandOver& hand_over : driver.asked<HandOver>())
    EXPECT_EQ(hand_over.taker, 1u);
}

TEST_F(Bake, AnAbortIsAnsweredWhenTheNewIsGone) {
  driver.behave(Workers::are_silent);
  const RequestId abort = driver.steer(Steer::abort);
  for (const WorkerId worker : driver.workers_of(1))
    driver.send(WorkerAccepting{worker});
  EXPECT_FALSE(driver.answer_to(abort));
  for (const WorkerId worker : driver.workers_of(2))
    driver.send(WorkerExited{worker, {false, 0}});
  EXPECT_EQ(driver.answer_to(abort)->outcome, Outcome::done);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::aborted);
}

TEST_F(Bake, AnOldThatHalfComesBackServesAndIsCompleted) {
  driver.behave(Workers::are_silent);
  driver.steer(Steer::abort);
  const auto old = driver.workers_of(1);
  driver.send(WorkerExited{old[0], {true, SIGKILL}});
  driver.send(WorkerAccepting{old[1]});
  EXPECT_EQ(driver.current(), 1u);
  EXPECT_EQ(driver.workers_of(1).size(), 2u)
      << "another worker is started in the place of the dead";
}

TEST_F(Bake, AnOldThatCannotComeBackLeavesTheNewServing) {
  driver.behave(Workers::are_silent);
  const RequestId abort = driver.steer(Steer::abort);
  for (const WorkerId worker : driver.workers_of(1))
    driver.send(WorkerExited{worker, {true, SIGSEGV}});
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.answer_to(abort)->outcome, Outcome::failed);
  EXPECT_EQ(driver.answer_to(abort)->reason,
            "generation 1 could not come back: a worker was killed by SIGSEGV before it said "
            "accepting");
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::degraded);
}

TEST_F(Bake, AnOldThatHangsIsGivenUpAfterReadyTimeout) {
  driver.behave(Workers::are_silent);
  const RequestId abort = driver.steer(Steer::abort);
  driver.pass(10s);
  for (const WorkerId worker : driver.workers_of(1))
    driver.send(WorkerExited{worker, {true, SIGTERM}});
  EXPECT_EQ(driver.answer_to(abort)->outcome, Outcome::failed);
  EXPECT_EQ(driver.current(), 2u);
}

TEST_F(Bake, TroubleWithoutAWayBackIsSaid) {
  for (const WorkerId worker : driver.workers_of(1))
    driver.send(WorkerExited{worker, {true, SIGKILL}});
  driver.send(WorkerExited{driver.workers_of(2)[0], {true, SIGSEGV}});
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.view().deploy, DeployPhase::idle);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::degraded);
  EXPECT_EQ(driver.records(Happening::rollback_failed).size(), 1u);
}

TEST_F(Bake, AStopEndsIt) {
  driver.stop();
  EXPECT_TRUE(driver.view().generations.empty());
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::superseded);
}

TEST_F(Bake, ADrainThatIsCalledOffMayStillSayThatItWasDone) {
  ServiceDriver slow;
  slow.deploy(1);
  slow.behave(Workers::are_silent);
  slow.deploy(kept(60s, 0s, 1));
  const WorkerId old = slow.workers_of(1)[0];
  const WorkerId fresh = slow.workers_of(2)[0];
  slow.send(WorkerConnected{fresh});
  slow.send(WorkerReady{fresh});
  slow.send(WorkerAccepting{fresh});
  ASSERT_EQ(slow.phase_of(old), WorkerPhase::draining);
  slow.rollback();
  slow.send(WorkerDrained{old, 3, 0});
  slow.send(WorkerAccepting{old});
  EXPECT_EQ(slow.current(), 1u);
  EXPECT_EQ(slow.phase_of(old), WorkerPhase::accepting);
}

TEST(NoBake, AGenerationThatCannotAcceptAgainIsNotKeptAndThatIsSaid) {
  ServiceDriver driver(Workers::are_silent);
  driver.deploy(1);
  const WorkerId foreign = driver.workers_of(1)[0];
  driver.send(WorkerConnected{foreign, false});
  driver.send(WorkerReady{foreign});
  driver.send(WorkerAccepting{foreign});
  driver.behave(Workers::behave);
  driver.deploy(kept(60s, 60s, 1));
  EXPECT_EQ(driver.view().deploy, DeployPhase::idle);
  EXPECT_EQ(driver.records(Happening::went_without).size(), 1u);
  EXPECT_EQ(driver.view().generations.size(), 1u);
}

// ---- standby

class Standby : public testing::Test {
 protected:
  Standby() {
    driver.deploy(2);
    request = driver.deploy(kept(0s, 600s));
    driver.forget_actions();
  }

  ServiceDriver driver;
  RequestId request = 0;
};

TEST_F(Standby, TheDeployIsDoneWhenTheOldHasDrained) {
  ServiceDriver again;
  again.deploy(2);
  const RequestId deploy = again.deploy(kept(0s, 600s));
  EXPECT_EQ(again.answer_to(deploy)->outcome, Outcome::done);
  EXPECT_EQ(role_of(again, 1), GenerationRole::standby);
}

TEST_F(Standby, IsLetGoWhenItsTimeIsOver) {
  driver.pass(599s);
  EXPECT_EQ(driver.view().generations.size(), 2u);
  driver.pass(1s);
  EXPECT_EQ(driver.view().generations.size(), 1u);
}

TEST_F(Standby, AJumpOfTheClockEndsItAndNothingElse) {
  driver.leap(24h);
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.view().generations.size(), 1u);
}

TEST_F(Standby, ComesBackAtOnce) {
  const RequestId rollback = driver.rollback();
  EXPECT_EQ(driver.current(), 1u);
  EXPECT_EQ(driver.answer_to(rollback)->outcome, Outcome::done);
  EXPECT_EQ(driver.answer_to(rollback)->generation, 1u);
  EXPECT_TRUE(driver.asked<StartWorker>().empty()) << "nothing had to be started";
  EXPECT_EQ(driver.view().generations.size(), 1u);
}

TEST_F(Standby, FollowsTheBake) {
  ServiceDriver both;
  both.deploy(1);
  both.deploy(kept(60s, 600s));
  both.pass(60s);
  EXPECT_EQ(role_of(both, 1), GenerationRole::standby);
  both.pass(599s);
  EXPECT_EQ(both.view().generations.size(), 2u);
  both.pass(1s);
  EXPECT_EQ(both.view().generations.size(), 1u);
}

TEST_F(Standby, TheOldestMakesRoomForTheNextDeploy) {
  driver.deploy(kept(0s, 600s));
  EXPECT_EQ(driver.view().generations.size(), 3u);
  driver.behave(Workers::are_silent);
  driver.deploy(kept(0s, 600s));
  EXPECT_EQ(driver.asked<BeginGeneration>().back().generation, 4u) << "it does not wait for it";
  EXPECT_EQ(role_of(driver, 1), GenerationRole::retiring);
  EXPECT_EQ(role_of(driver, 2), GenerationRole::standby);
}

TEST_F(Standby, ADeployThatWaitsForADrainKnowsItsNumber) {
  ServicePolicy policy = kept(0s, 0s);
  policy.max_generations = 2;
  driver.behave(Workers::are_silent);
  driver.steer(Steer::promote);
  driver.deploy(policy);
  const RequestId waiting = driver.deploy(policy, WhenBusy::queue);
  EXPECT_EQ(driver.machine().number_to_be(waiting), 4u);
  EXPECT_EQ(driver.machine().number_to_be(request), 0u) << "it does not wait";
}

TEST_F(Standby, ByNumberTheOneThatIsMeantComesBack) {
  driver.deploy(kept(0s, 600s));
  const RequestId wrong = driver.rollback(7);
  EXPECT_EQ(driver.answer_to(wrong)->outcome, Outcome::failed);
  const RequestId rollback = driver.rollback(1);
  EXPECT_EQ(driver.answer_to(rollback)->outcome, Outcome::done);
  EXPECT_EQ(driver.current(), 1u);
  EXPECT_EQ(role_of(driver, 2), GenerationRole::standby);
}

TEST_F(Standby, WithoutOneThereIsNothingToGoBackTo) {
  driver.pass(600s);
  const RequestId rollback = driver.rollback();
  EXPECT_EQ(driver.answer_to(rollback)->outcome, Outcome::failed);
  EXPECT_EQ(driver.answer_to(rollback)->reason, "there is no such generation that stands by");
}

TEST_F(Standby, AWorkerThatDiesInItIsMissedOnlyWhenItIsNeeded) {
  driver.send(WorkerExited{driver.workers_of(1)[0], {true, SIGKILL}});
  EXPECT_TRUE(driver.asked<StartWorker>().empty());
  driver.rollback();
  EXPECT_EQ(driver.workers_of(1).size(), 2u);
}

TEST_F(Standby, IsGoneWhenItsLastWorkerIs) {
  for (const WorkerId worker : driver.workers_of(1))
    driver.send(WorkerExited{worker, {true, SIGKILL}});
  EXPECT_EQ(driver.view().generations.size(), 1u);
  EXPECT_FALSE(driver.machine().next_deadline());
}

TEST_F(Standby, TheAccountIsOfWhatTheDeployMadeDrain) {
  ServiceDriver slow;
  slow.deploy(1);
  const WorkerId old = slow.workers_of(1)[0];
  slow.behave(Workers::are_silent);
  slow.deploy(kept(0s, 600s, 1));
  const WorkerId fresh = slow.workers_of(2)[0];
  slow.send(WorkerConnected{fresh});
  slow.send(WorkerReady{fresh});
  slow.send(WorkerAccepting{fresh});
  slow.send(WorkerDrained{old, 7, 1, 64});
  const auto ends = slow.asked<EndDeploy>();
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[1].account, (Account{.finished = 7, .handed_over = 64, .cut_off = 1}));
  EXPECT_EQ(ends[1].outcome, Outcome::degraded);
}

}  // namespace
}  // namespace baton::core
