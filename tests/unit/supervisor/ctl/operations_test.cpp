// deploy, start, stop, restart, scale: what is sent, shown and returned.
#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace baton::ctl {
namespace {

using nlohmann::json;

class OperationVerbs : public CtlTest {
 protected:
  admin::Operation asked() {
    return served_.with([](admin::FakeControl& control) {
      EXPECT_EQ(control.operations.size(), 1u);
      return control.operations.empty() ? admin::Operation{} : control.operations.back();
    });
  }
};

TEST_F(OperationVerbs, DeployShowsProgressOnStderrAndTheOutcomeOnStdout) {
  answer_operations("items-8", {"done", "", "items-8", 8}, {"starting", "cut over"});
  expect_ran(batonctl({"deploy", "items"}), ExitCode::done, "deploy items: done (generation 8)\n",
             "  starting\n  cut over\n");
  expect_ran(batonctl({"-q", "deploy", "items"}), ExitCode::done,
             "deploy items: done (generation 8)\n", "");
}

TEST_F(OperationVerbs, DeploySendsItsOptions) {
  answer_operations("items-8", {"done", "", "items-8", 8});
  const auto ran = batonctl(
      {"deploy", "items", "--release", "/srv/r8", "-m", "fixes \"it\"", "--timeout", "1m30s"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const admin::Operation operation = asked();
  EXPECT_EQ(operation.verb, admin::Verb::deploy);
  EXPECT_EQ(operation.service, "items");
  EXPECT_EQ(operation.release, "/srv/r8");
  EXPECT_EQ(operation.message, "fixes \"it\"");
}

TEST_F(OperationVerbs, OthersAreSentAsWhatTheyAre) {
  answer_operations("", {"done", "", "", 0});
  expect_ran(batonctl({"start", "items"}), ExitCode::done, "start items: done\n", "");
  expect_ran(batonctl({"stop", "items"}), ExitCode::done, "stop items: done\n", "");
  expect_ran(batonctl({"restart", "items"}), ExitCode::done, "restart items: done\n", "");
  expect_ran(batonctl({"scale", "items", "3"}), ExitCode::done, "scale items: done\n", "");
  served_.with([](admin::FakeControl& control) {
    ASSERT_EQ(control.operations.size(), 4u);
    EXPECT_EQ(control.operations[0].verb, admin::Verb::start);
    EXPECT_EQ(control.operations[1].verb, admin::Verb::stop);
    EXPECT_EQ(control.operations[2].verb, admin::Verb::restart);
    EXPECT_EQ(control.operations[3].verb, admin::Verb::scale);
    EXPECT_EQ(control.operations[3].workers, 3u);
  });
}

TEST_F(OperationVerbs, EveryOutcomeHasItsExitCodeAndSentence) {
  struct Row {
    admin::Answer answer;
    ExitCode code;
    std::string out;
    std::string err;
  };
  const std::vector<Row> rows{
      {{"done", "nothing to do", "items-8", 0},
       ExitCode::done,
       "deploy items: done, nothing to do\n",
       ""},
      {{"failed", "exited with code 1", "items-8", 0},
       ExitCode::failed,
       "",
       "batonctl: deploy items failed: exited with code 1\n"},
      {{"failed_old_serving", "not ready within 10s", "items-8", 7},
       ExitCode::failed_old_serving,
       "",
       "batonctl: deploy items failed, generation 7 serves on: not ready within 10s\n"},
      {{"degraded", "2 requests were cut off", "items-8", 8},
       ExitCode::degraded,
       "",
       "batonctl: deploy items: done (generation 8), but: 2 requests were cut off\n"},
      {{"busy", "deploy items-7 is running", "", 0},
       ExitCode::busy,
       "",
       "batonctl: deploy items was refused: deploy items-7 is running\n"},
      {{"superseded", "by items-9", "items-8", 0},
       ExitCode::superseded,
       "",
       "batonctl: deploy items was superseded: by items-9\n"},
      {{"unheard_of", "", "items-8", 0}, ExitCode::failed, "", "batonctl: deploy items failed\n"},
  };
  for (const Row& row : rows) {
    answer_operations("items-8", row.answer);
    expect_ran(batonctl({"deploy", "items"}), row.code, row.out, row.err);
    const auto as_json = batonctl({"-o", "json", "deploy", "items"});
    EXPECT_EQ(as_json.exit_code, static_cast<int>(row.code));
    EXPECT_EQ(as_json.err, "");
    EXPECT_EQ(json::parse(as_json.out), json({{"schema", 1},
                                              {"outcome", row.answer.outcome},
                                              {"reason", row.answer.reason},
                                              {"deploy", row.answer.deploy},
                                              {"generation", row.answer.generation}}));
  }
}

TEST_F(OperationVerbs, DetachPrintsTheDeployAndDoesNotWait) {
  served_.with([](admin::FakeControl& control) { control.deploy_id = "items-8"; });
  expect_ran(batonctl({"deploy", "items", "--detach"}), ExitCode::done, "items-8\n", "");
  const auto as_json = batonctl({"-o", "json", "deploy", "items", "--detach"});
  EXPECT_EQ(json::parse(as_json.out), json({{"schema", 1}, {"deploy", "items-8"}}));
}

TEST_F(OperationVerbs, DetachOfWhatHasNoIdPrintsNothing) {
  expect_ran(batonctl({"stop", "items", "--detach"}), ExitCode::done, "", "");
}

TEST_F(OperationVerbs, DetachStillSaysThatADeployWasRefused) {
  answer_operations("", {"busy", "deploy items-7 is running", "", 0});
  expect_ran(batonctl({"deploy", "items", "--detach"}), ExitCode::busy, "",
             "batonctl: deploy items was refused: deploy items-7 is running\n");
}

TEST_F(OperationVerbs, TheSupervisorsRefusalIsShown) {
  refuse(Errc::not_found, "there is no service 'itms'");
  expect_ran(batonctl({"deploy", "itms"}), ExitCode::failed, "",
             "batonctl: there is no service 'itms'\n");
  refuse(Errc::not_permitted, "no");
  expect_ran(batonctl({"stop", "items"}), ExitCode::not_permitted, "", "batonctl: no\n");
}

TEST_F(OperationVerbs, TimeLimitLeavesTheDeployRunning) {
  served_.with([](admin::FakeControl& control) { control.deploy_id = "items-8"; });
  const auto ran = batonctl({"deploy", "items", "--timeout", "200ms"});
  expect_ran(ran, ExitCode::timed_out, "",
             "batonctl: no outcome within the time limit; deploy items-8 goes on without us\n");
  served_.with([](admin::FakeControl& control) { control.deploy_id = ""; });
  expect_ran(batonctl({"stop", "items", "--timeout", "200ms"}), ExitCode::timed_out, "",
             "batonctl: no outcome within the time limit; stop items goes on without us\n");
}

TEST_F(OperationVerbs, InterruptLeavesTheDeployRunning) {
  for (const int signal : {SIGINT, SIGTERM}) {
    served_.with([](admin::FakeControl& control) {
      control.deploy_id = "items-8";
      control.upon_operation = [&control] {
        admin::Event event;
        event.service = "items";
        event.text = "starting";
        control.events.tell(event);
      };
    });
    testing::Child child(command({"deploy", "items"}));
    ASSERT_TRUE(child.err().wait_for("starting"));
    child.signal(signal);
    EXPECT_EQ(child.wait(), 130);
    EXPECT_EQ(child.err().text(),
              "  starting\nbatonctl: interrupted; deploy items-8 goes on without us\n");
  }
}

TEST_F(OperationVerbs, SupervisorThatEndsMeanwhile) {
  served_.with([](admin::FakeControl& control) { control.deploy_id = "items-8"; });
  testing::Child child(command({"deploy", "items"}));
  ASSERT_TRUE(
      has_asked([](const admin::FakeControl& control) { return !control.operations.empty(); }));
  served_.finish();
  EXPECT_EQ(child.wait(), 7);
  EXPECT_EQ(child.err().text(), "batonctl: the supervisor ended before the outcome was known\n");
}

}  // namespace
}  // namespace baton::ctl
