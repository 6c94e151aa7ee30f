#include "service_driver.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace baton::core {
namespace {

using namespace std::chrono_literals;
using Workers = ServiceDriver::Workers;

TEST(Crash, OfAServingWorkerIsReplacedAfterItsBackoff) {
  ServiceDriver driver;
  driver.deploy(2);
  const auto before = driver.workers_of(1);
  driver.send(WorkerExited{before[0], {true, SIGSEGV}});
  EXPECT_EQ(driver.workers_of(1).size(), 1u);
  EXPECT_EQ(driver.records(Happening::worker_crashed),
            std::vector<std::string>{"a worker was killed by SIGSEGV; a new one starts in 100ms"});
  driver.pass(100ms);
  ASSERT_EQ(driver.workers_of(1).size(), 2u);
  EXPECT_EQ(driver.phase_of(driver.workers_of(1)[1]), WorkerPhase::accepting);
}

TEST(Crash, ACleanExitThatNobodyAskedForIsReplacedToo) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.send(WorkerExited{driver.workers_of(1)[0], {}});
  driver.pass(100ms);
  EXPECT_EQ(driver.workers_of(1).size(), 1u);
}

TEST(Crash, QuotesTheLastLineOfOneThatNeverServedAndOfNoOther) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.behave(Workers::are_silent);
  driver.send(WorkerExited{driver.workers_of(1)[0], {true, SIGSEGV}, "GET /items/7 200"});
  driver.pass(100ms);
  driver.send(WorkerExited{driver.workers_of(1)[0], {false, 1}, "the disk is full"});
  EXPECT_EQ(driver.records(Happening::worker_crashed),
            (std::vector<std::string>{
                "a worker was killed by SIGSEGV; a new one starts in 100ms",
                "a worker exited with code 1 before it said hello; it said last: \"the disk is "
                "full\"; a new one starts in 200ms"}));
}

TEST(Crash, ALoopIsVisibleSlowAndNeverGivenUp) {
  ServiceDriver driver;
  driver.deploy(1);
  for (int i = 0; i < 6; ++i) {
    driver.send(WorkerExited{driver.workers_of(1)[0], {false, 1}});
    driver.pass(4s);
  }
  ASSERT_EQ(driver.records(Happening::crash_loop).size(), 1u);
  EXPECT_EQ(driver.records(Happening::crash_loop)[0],
            "crash loop: more than 5 crashes within 1m; trying again every 30s");
  EXPECT_TRUE(driver.view().generations[0].crash_looping);
  EXPECT_TRUE(driver.workers_of(1).empty());
  driver.pass(30s);
  EXPECT_EQ(driver.workers_of(1).size(), 1u);
  EXPECT_TRUE(driver.view().generations[0].crash_looping) << "it has not proved itself yet";
  driver.pass(60s);
  EXPECT_FALSE(driver.view().generations[0].crash_looping);
}

TEST(Crash, AWorkerWhoseChannelEndsIsReplacedAndGetsTheTimeOfADrain) {
  ServiceDriver driver;
  driver.deploy(1);
  const WorkerId sick = driver.workers_of(1)[0];
  driver.send(WorkerFailed{sick, "closed its channel"});
  EXPECT_EQ(driver.phase_of(sick), WorkerPhase::draining);
  EXPECT_TRUE(driver.asked<Terminate>().empty());
  driver.pass(100ms);
  EXPECT_EQ(driver.workers_of(1).size(), 2u);
  driver.send(WorkerExited{sick, {}});
  EXPECT_EQ(driver.workers_of(1).size(), 1u);
  driver.pass(60s);
  EXPECT_EQ(driver.workers_of(1).size(), 1u) << "its exit was counted a second time";
}

TEST(Crash, OfTheLastOldWorkerDoesNotStopTheDeploy) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.behave(Workers::are_silent);
  const RequestId request = driver.deploy(1);
  driver.send(WorkerExited{driver.workers_of(1)[0], {true, SIGKILL}});
  const WorkerId next = driver.workers_of(2)[0];
  driver.send(WorkerConnected{next});
  driver.send(WorkerReady{next});
  driver.send(WorkerAccepting{next});
  EXPECT_EQ(driver.current(), 2u);
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
  driver.pass(60s);
  EXPECT_TRUE(driver.workers_of(1).empty()) << "the old one's restart was not dropped";
}

TEST(Crash, ADeployThatFailsWhenTheOldHasDiedTooIsAFailureAndSaysSo) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.behave(Workers::are_silent);
  const RequestId request = driver.deploy(1);
  driver.send(WorkerExited{driver.workers_of(1)[0], {true, SIGKILL}});
  driver.send(WorkerExited{driver.workers_of(2)[0], {false, 1}});
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::failed);
}

}  // namespace
}  // namespace baton::core
