// Claims: "kill -9" of the new or of the old worker at every state, and SIGTERM to batond in every
// phase of a deploy, have the outcome that an operator would expect:
//  - the new one dies before it accepts: the deploy has failed, the old generation serves on
//  - the new one dies later, or any serving worker: another takes its place
//  - the old one dies during the deploy: the deploy goes on
//  - SIGTERM: everything ends, nothing is left
#include "common/result.hpp"
#include "tests/integration/batond_test.hpp"

#include <csignal>

namespace baton::testing {
namespace {

using ::testing::HasSubstr;

class KillTest : public BatondTest {
 protected:
  // Generation 1 serves; generation 2 stands at the gate.
  void deploy_to_gate(Gate& gate, const std::string& moment) {
    site_.add_scripted("v1");
    site_.add_scripted("v2", {"--at", moment + "=gate:" + gate.path().string()});
    site_.use("v1");
    start();
    old_worker_ = workers().at(0);
    deploy_.emplace(deploy_command("v2"));
    ASSERT_TRUE(gate.await_arrival());
  }
  // Throws when there is none.
  pid_t new_worker() {
    for (const pid_t pid : workers()) {
      if (pid != old_worker_) return pid;
    }
    throw Failure({Errc::not_found, "batond has no new worker"});
  }
  // Another worker serves in the place of `dead`.
  bool is_replaced(pid_t dead) {
    return eventually([&] {
      const auto now = workers();
      return now.size() == 1 && now.at(0) != dead && generation_that_answers() != 0;
    });
  }

  pid_t old_worker_ = 0;
  std::optional<Child> deploy_;  // batonctl, that waits
};

class KillTheNew : public KillTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(KillTheNew, BeforeItAcceptsFailsTheDeploy) {
  Gate gate(scratch("gate"));
  ASSERT_NO_FATAL_FAILURE(deploy_to_gate(gate, GetParam()));
  signal_process(new_worker(), SIGKILL);
  EXPECT_EQ(deploy_->wait(), 150) << deploy_->err().text();
  EXPECT_THAT(deploy_->err().text(), HasSubstr("was killed by SIGKILL"));
  EXPECT_EQ(generation_that_answers(), 1u);
  EXPECT_THAT(workers(), ::testing::ElementsAre(old_worker_));
}

INSTANTIATE_TEST_SUITE_P(AtEachState, KillTheNew,
                         ::testing::Values("start", "greeted", "listeners", "activate"),
                         [](const auto& state) { return std::string(state.param); });

class KillTheOld : public KillTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(KillTheOld, DuringADeployDoesNotStopIt) {
  Gate gate(scratch("gate"));
  ASSERT_NO_FATAL_FAILURE(deploy_to_gate(gate, GetParam()));
  signal_process(old_worker_, SIGKILL);
  ASSERT_TRUE(batond().wait_for("worker_crashed", 1));
  gate.open();
  ASSERT_TRUE(deploy_->wait());
  EXPECT_THAT(*deploy_->wait(), ::testing::AnyOf(0, 151)) << deploy_->err().text();
  EXPECT_EQ(generation_that_answers(), 2u);
  EXPECT_TRUE(is_replaced(old_worker_));
}

INSTANTIATE_TEST_SUITE_P(AtEachState, KillTheOld,
                         ::testing::Values("start", "greeted", "listeners", "activate"),
                         [](const auto& state) { return std::string(state.param); });

using Kill = KillTest;

TEST_F(Kill, AServingWorkerIsReplaced) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  const pid_t dead = workers().at(0);
  signal_process(dead, SIGKILL);
  ASSERT_TRUE(batond().wait_for("worker_crashed", 1));
  EXPECT_TRUE(is_replaced(dead));
  EXPECT_EQ(generation_that_answers(), 1u);
}

TEST_F(Kill, TheNewOneRightAfterCutoverIsReplacedByItsOwnRelease) {
  site_.add_scripted("v1");
  site_.add_scripted("v2");
  site_.use("v1");
  start();
  old_worker_ = workers().at(0);
  deploy_.emplace(deploy_command("v2"));
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  const pid_t dead = new_worker();
  signal_process(dead, SIGKILL);
  ASSERT_TRUE(batond().wait_for("worker_crashed", 2));
  EXPECT_TRUE(is_replaced(dead));
  EXPECT_EQ(generation_that_answers(), 2u);
  EXPECT_THAT(deploy_->wait().value_or(-1), ::testing::AnyOf(0, 151)) << deploy_->err().text();
}

TEST_F(Kill, TheOldOneWhileItDrainsMakesTheDeployDegraded) {
  Gate gate(scratch("gate"));
  site_.add_scripted("v1", {"--at", "drain=gate:" + gate.path().string()});
  site_.add_scripted("v2");
  site_.use("v1");
  start();
  old_worker_ = workers().at(0);
  deploy_.emplace(deploy_command("v2"));
  ASSERT_TRUE(gate.await_arrival());
  signal_process(old_worker_, SIGKILL);
  EXPECT_EQ(deploy_->wait(), 151) << deploy_->err().text();
  EXPECT_THAT(deploy_->err().text(), HasSubstr("was killed by SIGKILL"));
  EXPECT_EQ(generation_that_answers(), 2u);
  EXPECT_EQ(workers().size(), 1u);
}

class Terminate : public KillTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(Terminate, DuringADeployEndsEverything) {
  Gate gate(scratch("gate"));
  ASSERT_NO_FATAL_FAILURE(deploy_to_gate(gate, GetParam()));
  batond().process().signal(SIGTERM);
  EXPECT_EQ(batond().process().wait(), 0);
  EXPECT_TRUE(deploy_->wait());
  EXPECT_NE(deploy_->wait(), 0) << "batonctl has taken an end for a success";
}

INSTANTIATE_TEST_SUITE_P(InEachPhase, Terminate,
                         ::testing::Values("start", "greeted", "listeners", "activate"),
                         [](const auto& phase) { return std::string(phase.param); });

TEST_F(Kill, SigtermWhileTheOldOneDrainsWaitsForIt) {
  Gate gate(scratch("gate"));
  site_.add_scripted("v1", {"--at", "drain=gate:" + gate.path().string()});
  site_.add_scripted("v2");
  site_.use("v1");
  start();
  deploy_.emplace(deploy_command("v2"));
  ASSERT_TRUE(gate.await_arrival());
  batond().process().signal(SIGTERM);
  ASSERT_TRUE(batond().wait_for("shutdown"));
  gate.open();
  EXPECT_EQ(batond().process().wait(), 0);
  EXPECT_TRUE(batond().entries("drain_overdue").empty());
  EXPECT_TRUE(deploy_->wait());
}

}  // namespace
}  // namespace baton::testing
