#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <csignal>

namespace baton::ctl {
namespace {

admin::GenerationStatus generation(std::uint64_t number, const std::string& role) {
  admin::GenerationStatus status;
  status.number = number;
  status.role = role;
  return status;
}

class WaitVerb : public CtlTest {
 protected:
  void set_service(const std::string& state, std::vector<admin::GenerationStatus> generations) {
    set_services({{"items", state, "idle", {}, std::move(generations)}});
  }

  bool holds(const std::string& condition) {
    const auto ran = batonctl({"wait", "items", "--for", condition, "--timeout", "1ms"});
    if (ran.exit_code == 0) {
      expect_ran(ran, ExitCode::done, "", "");
    } else {
      expect_ran(ran, ExitCode::timed_out, "",
                 "batonctl: items is not " + condition + " after 1ms\n");
    }
    return ran.exit_code == 0;
  }
};

TEST_F(WaitVerb, ReadyNeedsACurrentGenerationWithAllItsWorkers) {
  set_service("running", {generation(7, "current")});
  EXPECT_TRUE(holds("ready"));
  set_service("draining", {generation(7, "retiring"), generation(8, "current")});
  EXPECT_TRUE(holds("ready"));
  for (const char* state : {"starting", "degraded", "crash-looping", "stopping", "stopped"}) {
    set_service(state, {generation(7, "current")});
    EXPECT_FALSE(holds("ready")) << state;
  }
  set_service("running", {generation(8, "candidate")});
  EXPECT_FALSE(holds("ready"));
}

TEST_F(WaitVerb, DrainedMeansThatNothingRetires) {
  set_service("draining", {generation(7, "retiring"), generation(8, "current")});
  EXPECT_FALSE(holds("drained"));
  set_service("running", {generation(8, "current")});
  EXPECT_TRUE(holds("drained"));
  set_service("stopped", {});
  EXPECT_TRUE(holds("drained"));
}

TEST_F(WaitVerb, GenerationOrALaterOneMustServe) {
  set_service("deploying", {generation(7, "current"), generation(8, "candidate")});
  EXPECT_TRUE(holds("generation=6"));
  EXPECT_TRUE(holds("generation=7"));
  EXPECT_FALSE(holds("generation=8"));
}

TEST_F(WaitVerb, GoesOnUntilItIsSo) {
  set_service("starting", {generation(1, "candidate")});
  testing::Child child(command({"wait", "items", "--for", "ready"}));
  ASSERT_TRUE(
      has_asked([](const admin::FakeControl& control) { return control.status_requests >= 2; }));
  EXPECT_FALSE(child.has_ended());
  set_service("running", {generation(1, "current")});
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(child.err().text(), "");
}

TEST_F(WaitVerb, EndsWithAnInterrupt) {
  set_service("starting", {});
  testing::Child child(command({"wait", "items", "--for", "ready"}));
  ASSERT_TRUE(
      has_asked([](const admin::FakeControl& control) { return control.status_requests >= 1; }));
  child.signal(SIGINT);
  EXPECT_EQ(child.wait(), 130);
  EXPECT_EQ(child.err().text(), "batonctl: interrupted\n");
}

TEST_F(WaitVerb, UnknownServiceIsNotWaitedFor) {
  set_service("running", {});
  expect_ran(batonctl({"wait", "itms", "--for", "ready"}), ExitCode::failed, "",
             "batonctl: there is no service 'itms'; did you mean 'items'?\n");
}

}  // namespace
}  // namespace baton::ctl
