// Claims: however a guarded deploy goes wrong, at its gate, in its canary, its bake or its standby,
// the service ends on the right generation, the record says why, the exit code is right, and
// clients that a dying worker did not hold see nothing: no request lost, no connection closed.
//
//            | sick (503) | slow | crash | hang | 5xx | abort | SIGHUP | SIGTERM |
//   gate     |     x      |  x   |   x   |  x   |     |   x   |   x    |    x    |
//   canary   |     x      |  x   |   x   |  x   |  x  |   x   |   x    |    x    |
//   bake     |     x      |  x   |   x   |  x   |  x  |   x   |   x    |    x    |
//   standby  |            |      |   x   |  x   |     |   x   |   x    |    x    |
#include "tests/integration/guarded_test.hpp"

namespace baton::testing {
namespace {

using ::testing::HasSubstr;

enum class Stage { gate, canary, bake };
enum class Trouble { sick, slow, crash, hang, errors };

struct Row {
  const char* name;
  Stage stage;
  Trouble trouble;
  const char* outcome;  // of the record
  const char* reason;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class GoesWrong : public Guarded, public ::testing::WithParamInterface<Row> {
 protected:
  void wait_for_stage() {
    switch (GetParam().stage) {
      case Stage::gate:
        return wait_for_phase("probing");
      case Stage::canary:
        ASSERT_TRUE(batond().wait_for("canary_step", 2));
        return;
      case Stage::bake:
        return wait_for_phase("baking");
    }
  }

  void make_trouble() {
    switch (GetParam().trouble) {
      case Trouble::sick:
        return fault("unhealthy", "the database is locked\nat line 1");
      case Trouble::slow:
        return fault("slow");
      case Trouble::crash:
        return signal_process(worker_of(2), SIGKILL);
      case Trouble::hang:
        return signal_process(worker_of(2), SIGSTOP);
      case Trouble::errors:
        fault("errors");
        return ask_until_gone("/work");
    }
  }
};

TEST_P(GoesWrong, EndsOnTheOldGenerationAndSaysWhy) {
  const Row& row = GetParam();
  site_.services["app"].more = guards(row.stage == Stage::canary ? "canary" : "bake");
  if (row.stage == Stage::gate) fault("unhealthy", "not yet");
  serve();
  torture::BackgroundRun kept(keep_alive_clients());
  ASSERT_TRUE(eventually([&] { return kept.live().connections == 8; }));
  // A process that dies takes the connections that it holds with it: in a canary the old one has
  // those that were there before, at the gate all of them.
  const bool dies = row.trouble == Trouble::crash || row.trouble == Trouble::hang;
  std::optional<torture::BackgroundRun> fresh;
  if (!dies) fresh.emplace(clients(torture::Mode::fresh, 4));

  Child deploy(deploy_command("v2"));
  ASSERT_NO_FATAL_FAILURE(wait_for_stage());
  make_trouble();
  EXPECT_EQ(deploy.wait(), 150) << deploy.err().text();
  EXPECT_THAT(deploy.err().text(), HasSubstr(row.reason));

  const auto after = record("app-2");
  EXPECT_EQ(after["outcome"], row.outcome);
  EXPECT_THAT(after["reason"].get<std::string>(), HasSubstr(row.reason));
  EXPECT_EQ(generation_that_answers(), 1u);
  if (!dies || row.stage != Stage::bake) expect_kept(kept.finish());
  if (fresh) expect_nothing_lost(fresh->finish());
}

INSTANTIATE_TEST_SUITE_P(
    EachWay, GoesWrong,
    ::testing::Values(
        Row{"SickAtTheGate", Stage::gate, Trouble::sick, "failed_old_serving",
            "GET /healthz answered 503, not 200: the database is locked"},
        Row{"SlowAtTheGate", Stage::gate, Trouble::slow, "failed_old_serving",
            "the health probe did not pass within 2s"},
        Row{"CrashAtTheGate", Stage::gate, Trouble::crash, "failed_old_serving",
            "was killed by SIGKILL"},
        Row{"HangAtTheGate", Stage::gate, Trouble::hang, "failed_old_serving",
            "the health probe did not pass within 2s"},
        Row{"SickInTheCanary", Stage::canary, Trouble::sick, "failed_old_serving",
            "answered 503, not 200: the database is locked"},
        Row{"SlowInTheCanary", Stage::canary, Trouble::slow, "failed_old_serving",
            "was not answered within"},
        Row{"CrashInTheCanary", Stage::canary, Trouble::crash, "failed_old_serving",
            "was killed by SIGKILL"},
        Row{"HangInTheCanary", Stage::canary, Trouble::hang, "failed_old_serving",
            "was not answered within"},
        Row{"ErrorsInTheCanary", Stage::canary, Trouble::errors, "failed_old_serving",
            "answers had a 5xx status, more than 10 %"},
        Row{"SickInTheBake", Stage::bake, Trouble::sick, "rolled_back",
            "answered 503, not 200: the database is locked"},
        Row{"SlowInTheBake", Stage::bake, Trouble::slow, "rolled_back", "was not answered within"},
        Row{"CrashInTheBake", Stage::bake, Trouble::crash, "rolled_back", "was killed by SIGKILL"},
        Row{"HangInTheBake", Stage::bake, Trouble::hang, "rolled_back", "was not answered within"},
        Row{"ErrorsInTheBake", Stage::bake, Trouble::errors, "rolled_back",
            "answers had a 5xx status, more than 10 %"}),
    [](const auto& row) { return std::string(row.param.name); });

// ---- what people do in the middle of it

class InTheMiddle : public Guarded, public ::testing::WithParamInterface<const char*> {
 protected:
  void begin() {
    const std::string stage = GetParam();
    // Nothing but what people do ends the gate.
    site_.services["app"].more = guards(stage == "canary" ? "canary" : "bake", "1h");
    if (stage == "gate") fault("unhealthy", "not yet");
    serve();
    kept_.emplace(keep_alive_clients());
    fresh_.emplace(clients(torture::Mode::fresh, 4));
    ASSERT_TRUE(eventually([&] { return kept_->live().connections == 8; }));
    deploy_.emplace(deploy_command("v2"));
    if (stage == "gate") wait_for_phase("probing");
    if (stage == "canary") {
      ASSERT_TRUE(batond().wait_for("canary_step", 2));
    }
    if (stage == "bake") wait_for_phase("baking");
  }
  void expect_that_clients_saw_nothing() {
    expect_kept(kept_->finish());
    expect_nothing_lost(fresh_->finish());
  }

  std::optional<torture::BackgroundRun> kept_;
  std::optional<torture::BackgroundRun> fresh_;
  std::optional<Child> deploy_;
};

TEST_P(InTheMiddle, AnAbortTakesItBack) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const Ran other = batond().ctl({"abort", "app-7"});
  EXPECT_EQ(other.exit_code, 1) << other.err;
  EXPECT_THAT(other.err, HasSubstr("that deploy is not under way"));
  const Ran abort = batond().ctl({"abort", "app-2"});
  EXPECT_EQ(abort.exit_code, 0) << abort.err;
  EXPECT_EQ(deploy_->wait(), 153) << deploy_->err().text();
  EXPECT_EQ(record("app-2")["outcome"], "aborted");
  EXPECT_EQ(record("app-2")["reason"], "aborted by an operator");
  EXPECT_EQ(generation_that_answers(), 1u);
  expect_that_clients_saw_nothing();
}

TEST_P(InTheMiddle, ASecondDeployIsRefusedWithTheNameOfTheFirst) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const Ran second = deploy("v2");
  EXPECT_EQ(second.exit_code, 152) << second.err;
  EXPECT_THAT(second.err, HasSubstr("app-2 by "));
  EXPECT_THAT(second.err, HasSubstr(" since 20"));
  batond().ctl({"abort", "app"});
  EXPECT_EQ(deploy_->wait(), 153);
  expect_that_clients_saw_nothing();
}

TEST_P(InTheMiddle, AHangupWaitsForItsEnd) {
  ASSERT_NO_FATAL_FAILURE(begin());
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("reload"));
  mend("unhealthy");
  if (std::string(GetParam()) == "canary") {
    EXPECT_EQ(batond().ctl({"promote", "app"}).exit_code, 0);
  } else {
    wait_for_phase("baking");
    EXPECT_EQ(batond().ctl({"promote", "app"}).exit_code, 0);
  }
  EXPECT_EQ(deploy_->wait(), 0) << deploy_->err().text();
  ASSERT_TRUE(batond().wait_for("deploy_started", 3));
  batond().ctl({"abort", "app"});
  EXPECT_EQ(record("app-3")["by"], "SIGHUP");
  EXPECT_TRUE(eventually([&] { return generation_that_answers() == 2; }));
  expect_that_clients_saw_nothing();
}

TEST_P(InTheMiddle, ATerminateEndsEverythingAndTheRecordSaysSo) {
  ASSERT_NO_FATAL_FAILURE(begin());
  // Those that keep their connections are told to close, or cut: the service ends.
  kept_->finish();
  fresh_->finish();
  EXPECT_EQ(batond().stop(), 0);
  EXPECT_EQ(deploy_->wait(), 153) << deploy_->err().text();
  EXPECT_EQ(stored_outcome("app-2"), "superseded");
}

INSTANTIATE_TEST_SUITE_P(OfEachStage, InTheMiddle, ::testing::Values("gate", "canary", "bake"),
                         [](const auto& stage) { return std::string(stage.param); });

}  // namespace
}  // namespace baton::testing
