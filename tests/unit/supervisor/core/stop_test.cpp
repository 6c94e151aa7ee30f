#include "service_driver.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace baton::core {
namespace {

using Workers = ServiceDriver::Workers;

TEST(Stop, DrainsWhatWaitsInTheQueuesToo) {
  ServiceDriver driver;
  driver.deploy(2);
  const RequestId request = driver.stop();
  ASSERT_EQ(driver.asked<Drain>().size(), 2u);
  EXPECT_EQ(driver.asked<Drain>()[0].backlog, Backlog::serve);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
  EXPECT_EQ(driver.records(Happening::service_stopped).size(), 1u);
  EXPECT_TRUE(driver.view().generations.empty());
  EXPECT_FALSE(driver.machine().next_deadline());
}

TEST(Stop, OfWhatIsStoppedIsDoneAtOnce) {
  ServiceDriver driver;
  const RequestId request = driver.stop();
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
}

TEST(Stop, DuringADeployGivesBothGenerationsUp) {
  ServiceDriver driver;
  driver.deploy();
  driver.behave(Workers::are_silent);
  const RequestId deploy = driver.deploy();
  const RequestId queued = driver.deploy(1, WhenBusy::queue);
  const RequestId stop = driver.stop();
  EXPECT_EQ(driver.answer_to(queued)->outcome, Outcome::superseded);
  for (const GenerationNumber generation : {1u, 2u}) {
    for (const WorkerId worker : driver.workers_of(generation)) {
      driver.send(WorkerExited{worker, {}});
    }
  }
  EXPECT_EQ(driver.answer_to(deploy)->outcome, Outcome::superseded);
  EXPECT_EQ(driver.answer_to(stop)->outcome, Outcome::done);
}

TEST(Stop, EndsTheRetriesOfAServiceThatNeverCameUp) {
  ServiceDriver driver(Workers::are_silent);
  driver.deploy();
  driver.send(WorkerExited{driver.workers_of(1)[0], {false, 1}});
  ASSERT_TRUE(driver.machine().next_deadline());
  driver.stop();
  EXPECT_FALSE(driver.machine().next_deadline());
}

TEST(Start, OfWhatRunsSaysSo) {
  ServiceDriver driver;
  driver.deploy();
  const RequestId request = driver.start();
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
  EXPECT_EQ(driver.answer_to(request)->reason, "it was already started");
  EXPECT_EQ(driver.current(), 1u);
}

TEST(Start, AfterAStopIsANewGeneration) {
  ServiceDriver driver;
  driver.deploy();
  driver.stop();
  const RequestId request = driver.start();
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
  EXPECT_EQ(driver.current(), 2u);
}

TEST(Restart, StartsTheNewWhenTheOldIsGoneAndNotBefore) {
  ServiceDriver driver;
  driver.deploy();
  driver.behave(Workers::are_silent);
  const RequestId request = driver.restart();
  EXPECT_EQ(driver.asked<BeginGeneration>().size(), 1u);
  driver.behave(Workers::behave);
  driver.send(WorkerExited{driver.workers_of(1)[0], {}});
  EXPECT_EQ(driver.current(), 2u);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
}

TEST(Restart, IsSupersededByAStop) {
  ServiceDriver driver;
  driver.deploy();
  driver.behave(Workers::are_silent);
  const RequestId restart = driver.restart();
  const RequestId stop = driver.stop();
  driver.send(WorkerExited{driver.workers_of(1)[0], {}});
  EXPECT_EQ(driver.answer_to(restart)->outcome, Outcome::superseded);
  EXPECT_EQ(driver.answer_to(stop)->outcome, Outcome::done);
  EXPECT_EQ(driver.current(), 0u);
}

TEST(Restart, OfWhatIsStoppedStartsIt) {
  ServiceDriver driver;
  const RequestId request = driver.restart();
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
  EXPECT_EQ(driver.current(), 1u);
}

TEST(StopAndDeploy, DuringAStopSupersedesTheStop) {
  ServiceDriver driver;
  driver.deploy();
  driver.behave(Workers::are_silent);
  const RequestId stop = driver.stop();
  driver.deploy(1, WhenBusy::queue);
  EXPECT_EQ(driver.answer_to(stop)->outcome, Outcome::superseded);
  EXPECT_EQ(driver.asked<BeginGeneration>().size(), 2u);
}

TEST(StopNow, TerminatesWhateverHasAProcessAndThenKills) {
  ServiceDriver driver;
  driver.deploy(2);
  driver.behave(Workers::are_silent);
  driver.stop();
  driver.send(StopNowRequested{});
  EXPECT_EQ(driver.asked<Terminate>().size(), 2u);
  driver.pass(ServiceDriver::policy().kill_grace);
  EXPECT_EQ(driver.asked<Kill>().size(), 2u);
}

TEST(StopNow, NeedsNoStopBeforeIt) {
  ServiceDriver driver;
  driver.deploy();
  driver.send(StopNowRequested{});
  EXPECT_TRUE(driver.view().generations.empty());
  EXPECT_FALSE(driver.view().wanted_up);
  EXPECT_FALSE(driver.machine().next_deadline());
}

}  // namespace
}  // namespace baton::core
