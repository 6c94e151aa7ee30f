#include "service_driver.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace baton::core {
namespace {

using namespace std::chrono_literals;
using Workers = ServiceDriver::Workers;

// Generation 2 accepts, the one worker of generation 1 drains and says nothing.
class Retire : public testing::Test {
 protected:
  Retire() {
    driver.deploy();
    old = driver.workers_of(1)[0];
    driver.behave(Workers::are_silent);
    request = driver.deploy();
    const WorkerId next = driver.workers_of(2)[0];
    driver.send(WorkerConnected{next});
    driver.send(WorkerReady{next});
    driver.send(WorkerAccepting{next});
    driver.forget_actions();
  }

  ServiceDriver driver;
  WorkerId old = 0;
  RequestId request = 0;
};

TEST_F(Retire, TheWorkerGetsItsWholeTimeAndAMarginToSaySo) {
  driver.pass(10s);
  EXPECT_TRUE(driver.asked<Terminate>().empty());
  driver.pass(ServiceMachine::drain_margin);
  EXPECT_EQ(driver.asked<Terminate>().size(), 1u);
  EXPECT_EQ(driver.records(Happening::drain_overdue),
            std::vector<std::string>{"a worker of generation 1 did not drain within 10s; SIGTERM"});
}

TEST_F(Retire, WhoIgnoresSigtermIsKilledAfterTheGrace) {
  driver.pass(10s + ServiceMachine::drain_margin);
  driver.pass(2s - 1ms);
  EXPECT_TRUE(driver.asked<Kill>().empty());
  driver.pass(1ms);
  EXPECT_EQ(driver.asked<Kill>().size(), 1u);
  driver.send(WorkerExited{old, {true, SIGKILL}});
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::degraded);
  EXPECT_EQ(driver.answer_to(request)->reason, "a worker of generation 1 did not drain within 10s");
}

TEST_F(Retire, WhoHasDrainedAndDoesNotExitIsEndedAsWell) {
  driver.send(WorkerDrained{old, 0, 0});
  EXPECT_EQ(driver.asked<Stop>().size(), 1u);
  driver.pass(2s);
  EXPECT_EQ(driver.asked<Terminate>().size(), 1u);
  driver.pass(2s);
  EXPECT_EQ(driver.asked<Kill>().size(), 1u);
}

TEST_F(Retire, AClosedChannelDoesNotShortenTheDrain) {
  driver.send(WorkerFailed{old, "closed its channel"});
  driver.pass(10s);
  EXPECT_TRUE(driver.asked<Terminate>().empty());
  driver.send(WorkerExited{old, {}});
  EXPECT_EQ(driver.answer_to(request)->outcome, Outcome::done);
}

TEST_F(Retire, ACrashWhileDrainingIsReportedAndNotReplaced) {
  driver.send(WorkerExited{old, {true, SIGSEGV}});
  EXPECT_TRUE(driver.asked<StartWorker>().empty());
  ASSERT_TRUE(driver.answer_to(request));
  EXPECT_EQ(driver.answer_to(request)->reason,
            "a draining worker of generation 1 was killed by SIGSEGV");
}

TEST_F(Retire, ALateAcknowledgementOfTheActivationIsHarmless) {
  driver.send(WorkerAccepting{old});
  EXPECT_EQ(driver.phase_of(old), WorkerPhase::draining);
}

TEST_F(Retire, EventsOfAWorkerThatIsGoneAreDropped) {
  driver.send(WorkerExited{old, {}});
  driver.forget_actions();
  driver.send(WorkerDrained{old, 1, 1});
  driver.send(WorkerExited{old, {false, 9}});
  driver.send(WorkerFailed{old, "late"});
  EXPECT_TRUE(driver.asked<Record>().empty());
  EXPECT_TRUE(driver.asked<StartWorker>().empty());
}

}  // namespace
}  // namespace baton::core
