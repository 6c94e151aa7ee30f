// What a generation on trial is asked, and what its answers do.
#include "service_driver.hpp"

#include <gtest/gtest.h>

namespace baton::core {
namespace {

using namespace std::chrono_literals;
using Workers = ServiceDriver::Workers;

ServicePolicy with_health() {
  ServicePolicy policy = ServiceDriver::policy(2);
  policy.health = HealthGate{.interval = 100ms, .successes = 2, .deadline = 5s, .failures = 3};
  return policy;
}

// The workers of generation 2 are ready; how they are is asked, and answered by the test.
class Gate : public testing::Test {
 protected:
  Gate() {
    driver.deploy(1);
    driver.forget_actions();
    driver.behave(Workers::are_silent);
    request = driver.deploy(with_health());
    workers = driver.workers_of(2);
    for (const WorkerId worker : workers) {
      driver.send(WorkerConnected{worker});
      driver.send(WorkerReady{worker});
    }
  }

  ServiceDriver driver;
  RequestId request = 0;
  std::vector<WorkerId> workers;
};

TEST_F(Gate, AsksEachWorkerAtOnce) {
  EXPECT_EQ(driver.view().deploy, DeployPhase::probing);
  EXPECT_EQ(driver.asked<Probe>().size(), 2u);
  EXPECT_TRUE(driver.asked<Activate>().empty());
}

TEST_F(Gate, OpensWhenEachHasPassedOftenEnoughInARow) {
  for (const WorkerId worker : workers)
    driver.send(WorkerProbed{worker, {}});
  driver.pass(100ms);
  EXPECT_EQ(driver.asked<Probe>().size(), 4u);
  driver.send(WorkerProbed{workers[0], {}});
  driver.send(WorkerProbed{workers[1], "it is warming its cache"});
  EXPECT_TRUE(driver.asked<Activate>().empty()) << "one of them has to begin anew";
  for (int i = 0; i < 2; ++i) {
    driver.pass(100ms);
    driver.send(WorkerProbed{workers[1], {}});
  }
  EXPECT_EQ(driver.asked<Activate>().size(), 2u);
  EXPECT_EQ(driver.asked<Probe>().size(), 6u) << "who has passed is not asked again";
}

TEST_F(Gate, ThatStaysClosedFailsTheDeployWithTheLastAnswer) {
  driver.send(WorkerProbed{workers[0], "GET /healthz answered 503, not 200: database is locked"});
  driver.pass(5s);
  for (const WorkerId worker : workers)
    driver.send(WorkerExited{worker, {false, 0}});
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::failed_old_serving);
  EXPECT_EQ(driver.answer_to(request)->reason,
            "the health probe did not pass within 5s: GET /healthz answered 503, not 200: database "
            "is locked");
  EXPECT_EQ(driver.current(), 1u);
}

TEST_F(Gate, ACrashFailsTheDeployAtOnce) {
  driver.send(WorkerExited{workers[0], {false, 3}});
  driver.send(WorkerExited{workers[1], {false, 0}});
  EXPECT_EQ(driver.answer_to(request)->reason,
            "a worker exited with code 3 before it said accepting");
}

TEST_F(Gate, AJumpOfTheClockBeyondItsDeadlineLeavesTheOldServing) {
  driver.leap(24h);
  driver.behave(Workers::behave);
  driver.pass(1min);
  EXPECT_EQ(driver.current(), 1u);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::failed_old_serving);
  EXPECT_TRUE(driver.workers_of(2).empty());
}

TEST_F(Gate, AnAnswerThatNobodyAwaitsChangesNothing) {
  driver.send(WorkerProbed{workers[0], {}});
  driver.send(WorkerProbed{workers[0], {}});
  driver.send(WorkerProbed{workers[1], {}});
  driver.send(WorkerProbed{workers[1], {}});
  EXPECT_TRUE(driver.asked<Activate>().empty()) << "each was asked once";
}

TEST_F(Gate, AnAbortClosesIt) {
  driver.steer(Steer::abort);
  for (const WorkerId worker : workers)
    driver.send(WorkerExited{worker, {false, 0}});
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::aborted);
}

// ---- in a bake

class Baking : public testing::Test {
 protected:
  Baking() {
    driver.deploy(1);
    ServicePolicy policy = with_health();
    policy.workers = 1;
    policy.bake = 60s;
    policy.error_limit = ErrorLimit{.percent = 10, .at_least = 50};
    request = driver.deploy(policy);
    driver.pass(100ms);  // through the gate
    driver.forget_actions();
  }
  WorkerId worker() const { return driver.workers_of(2)[0]; }

  ServiceDriver driver;
  RequestId request = 0;
};

TEST_F(Baking, GoesOnAskingAndCounting) {
  driver.pass(10s);
  EXPECT_GE(driver.asked<Probe>().size(), 99u);
  EXPECT_EQ(driver.asked<Count>().size(), 10u);
}

TEST_F(Baking, AProbeThatFailsOnceIsNoTrouble) {
  driver.health("it answered 500");
  driver.pass(200ms);
  driver.health({});
  driver.pass(5s);
  EXPECT_EQ(driver.view().deploy, DeployPhase::baking);
}

TEST_F(Baking, ProbesThatFailInARowRollItBack) {
  driver.health("GET /healthz answered 500, not 200: out of disk");
  driver.pass(300ms);
  EXPECT_EQ(driver.current(), 1u);
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::rolled_back);
  EXPECT_EQ(driver.answer_to(request)->reason,
            "the health probe of a worker has failed 3 times in a row: GET /healthz answered 500, "
            "not 200: out of disk");
}

TEST_F(Baking, FewRequestsAreNotJudged) {
  driver.send(WorkerCounted{worker(), 49, 49});
  EXPECT_EQ(driver.view().deploy, DeployPhase::baking);
}

TEST_F(Baking, ErrorsAtTheLimitAreBorneAndAboveItAreNot) {
  driver.send(WorkerCounted{worker(), 50, 5});
  EXPECT_EQ(driver.view().deploy, DeployPhase::baking);
  driver.send(WorkerCounted{worker(), 100, 11});
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::rolled_back);
  EXPECT_EQ(driver.answer_to(request)->reason, "6 of 50 answers had a 5xx status, more than 10 %");
}

TEST_F(Baking, ABadStretchIsNotDilutedByGoodOnesBefore) {
  driver.send(WorkerCounted{worker(), 100'000, 0});
  driver.send(WorkerCounted{worker(), 100'050, 50});
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::rolled_back);
}

TEST_F(Baking, NumbersThatShrinkAreNotBelieved) {
  driver.send(WorkerCounted{worker(), 1000, 0});
  driver.send(WorkerCounted{worker(), 10, 10});
  EXPECT_EQ(driver.view().deploy, DeployPhase::baking);
}

TEST_F(Baking, AJumpOfTheClockEndsItWithTheNewOneServing) {
  driver.leap(24h);
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.view().deploy, DeployPhase::idle);
}

}  // namespace
}  // namespace baton::core
