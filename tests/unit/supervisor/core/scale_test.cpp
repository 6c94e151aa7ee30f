#include "service_driver.hpp"

#include <gtest/gtest.h>

namespace baton::core {
namespace {

using Workers = ServiceDriver::Workers;

TEST(Scale, UpStartsWorkersInTheServingGeneration) {
  ServiceDriver driver;
  driver.deploy(1);
  const RequestId request = driver.scale(3);
  EXPECT_EQ(driver.workers_of(1).size(), 3u);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
}

TEST(Scale, DownDrainsTheNewestAndLeavesTheRest) {
  ServiceDriver driver;
  driver.deploy(3);
  const auto before = driver.workers_of(1);
  const RequestId request = driver.scale(1);
  EXPECT_EQ(driver.workers_of(1), std::vector<WorkerId>{before[0]});
  EXPECT_EQ(driver.asked<Drain>().size(), 2u);
  EXPECT_EQ(driver.asked<Drain>()[0].backlog, Backlog::leave);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
}

TEST(Scale, ToNothingIsRefused) {
  ServiceDriver driver;
  driver.deploy(1);
  const RequestId request = driver.scale(0);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::failed);
  EXPECT_EQ(driver.answer_to(request)->reason,
            "a service has at least one worker; stop it instead");
}

TEST(Scale, OfWhatDoesNotRunIsRefused) {
  ServiceDriver driver;
  const RequestId request = driver.scale(2);
  EXPECT_EQ(driver.answer_to(request)->reason, "nothing is running that could be scaled");
}

TEST(Scale, DuringADeployIsRefused) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.behave(Workers::are_silent);
  driver.deploy(1);
  const RequestId request = driver.scale(2);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::busy);
}

TEST(Scale, WithAWorkerThatCannotStartFails) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.behave(Workers::are_silent);
  const RequestId request = driver.scale(2);
  driver.send(WorkerExited{driver.workers_of(1)[1], {false, 4}});
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::failed);
  EXPECT_EQ(driver.answer_to(request)->reason, "a worker exited with code 4 before it said hello");
}

TEST(Scale, IsSupersededByADeploy) {
  ServiceDriver driver;
  driver.deploy(1);
  driver.behave(Workers::are_silent);
  const RequestId request = driver.scale(2);
  driver.deploy(1);
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::superseded);
}

}  // namespace
}  // namespace baton::core
