// Claims: a generation that stands by comes back at once, and its connections with it; whatever
// becomes of it, the service goes on with the one that serves, and what is said about it is true.
#include "tests/integration/guarded_test.hpp"

namespace baton::testing {
namespace {

using ::testing::HasSubstr;

class Standby : public Guarded {
 protected:
  // Generation 1 stands by, generation 2 serves.
  void deploy_second() {
    site_.services["app"].more = guards("standby");
    serve();
    kept_.emplace(keep_alive_clients());
    fresh_.emplace(clients(torture::Mode::fresh, 4));
    ASSERT_TRUE(eventually([&] { return kept_->live().connections == 8; }));
    const Ran ran = deploy("v2", {"-m", "the second"});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    ASSERT_EQ(generation_that_answers(), 2u);
    ASSERT_EQ(workers().size(), 2u);
  }
  void expect_that_clients_saw_nothing() {
    expect_kept(kept_->finish());
    expect_nothing_lost(fresh_->finish());
  }

  std::optional<torture::BackgroundRun> kept_;
  std::optional<torture::BackgroundRun> fresh_;
};

TEST_F(Standby, ComesBackAtOnceAndTakesTheConnectionsBack) {
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  const pid_t warm = worker_of(1);
  const Ran rollback = batond().ctl({"rollback", "app", "-m", "it smells"});
  EXPECT_EQ(rollback.exit_code, 0) << rollback.err;
  EXPECT_EQ(generation_that_answers(), 1u);
  EXPECT_THAT(workers(), ::testing::ElementsAre(warm));
  const auto record = this->record("app-2-to-1");
  EXPECT_EQ(record["kind"], "rollback");
  EXPECT_EQ(record["outcome"], "done");
  EXPECT_EQ(record["message"], "it smells");
  expect_that_clients_saw_nothing();
}

TEST_F(Standby, ForthAndBackAndForthAgain) {
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(batond().ctl({"rollback", "app"}).exit_code, 0);
    EXPECT_EQ(generation_that_answers(), 1u);
    EXPECT_EQ(deploy("v2").exit_code, 0);
    EXPECT_EQ(generation_that_answers(), 3u + static_cast<unsigned>(i));
    // The one that is kept is the first, again and again.
    EXPECT_GT(worker_of(1), 0);
  }
  expect_that_clients_saw_nothing();
}

TEST_F(Standby, ThatHasDiedIsDeployedAnew) {
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  signal_process(worker_of(1), SIGKILL);
  ASSERT_TRUE(batond().wait_for("generation_gone", 1));
  const Ran rollback = batond().ctl({"rollback", "app"});
  EXPECT_EQ(rollback.exit_code, 0) << rollback.err;
  EXPECT_EQ(generation_that_answers(), 3u);
  EXPECT_EQ(record("app-3")["kind"], "rollback");
  EXPECT_EQ(record("app-3")["release"], record("app-1")["release"]);
  expect_that_clients_saw_nothing();
}

TEST_F(Standby, ThatHangsIsGivenUpAndTheNewOneServesOn) {
  site_.services["app"].ready_timeout = "5s";
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  signal_process(worker_of(1), SIGSTOP);
  const Ran rollback = batond().ctl({"rollback", "app"});
  EXPECT_EQ(rollback.exit_code, 1) << rollback.err;
  EXPECT_THAT(rollback.err, HasSubstr("generation 1 could not come back"));
  EXPECT_EQ(generation_that_answers(), 2u);
  EXPECT_EQ(record("app-2-to-1")["outcome"], "failed");
  expect_that_clients_saw_nothing();
}

TEST_F(Standby, IsKeptThroughAHangup) {
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("deploy_finished", 3));
  EXPECT_EQ(batond().ctl({"rollback", "app", "--to", "1"}).exit_code, 0);
  EXPECT_EQ(generation_that_answers(), 1u);
  expect_that_clients_saw_nothing();
}

TEST_F(Standby, NothingIsUnderWayThatCouldBeAborted) {
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  const Ran abort = batond().ctl({"abort", "app"});
  EXPECT_EQ(abort.exit_code, 1);
  EXPECT_THAT(abort.err, HasSubstr("no deploy is under way"));
  expect_that_clients_saw_nothing();
}

TEST_F(Standby, EndsWithTheService) {
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  kept_->finish();
  fresh_->finish();
  EXPECT_EQ(batond().ctl({"stop", "app"}).exit_code, 0);
  EXPECT_THAT(workers(), ::testing::IsEmpty());
}

TEST_F(Standby, MakesRoomForTheNextDeploy) {
  ASSERT_NO_FATAL_FAILURE(deploy_second());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(deploy("v2").exit_code, 0);
  EXPECT_TRUE(eventually([&] { return workers().size() == 3; })) << "max_generations";
  expect_that_clients_saw_nothing();
}

}  // namespace
}  // namespace baton::testing
