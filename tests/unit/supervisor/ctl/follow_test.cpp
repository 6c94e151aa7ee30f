// logs and events.
#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace baton::ctl {
namespace {

using nlohmann::json;

class FollowVerbs : public CtlTest {
 protected:
  void SetUp() override {
    set_services({{"items", "running", "idle", {}, {}}});
    served_.with([](admin::FakeControl& control) {
      control.past_events = {{1, 1'764'000'000'123, "info", "reload", "", 0, 0, "", "reload"},
                             {2, 1'764'000'001'007, "warn", "worker_crashed", "items", 7, 4712, "",
                              "exited with code 1"}};
      control.past_lines = {{1, 1'764'000'000'000, "items", 7, 4712, "out", "hello"},
                            {2, 1'764'000'000'999, "mail", 1, 33, "err", "oh no"}};
    });
  }
};

TEST_F(FollowVerbs, EventsSayOnlyWhatIsKnown) {
  expect_ran(batonctl({"events"}), ExitCode::done,
             "2025-11-24 16:00:00.123 info  reload\n"
             "2025-11-24 16:00:01.007 warn items g7 4712  exited with code 1\n",
             "");
  expect_ran(batonctl({"events", "-n", "0"}), ExitCode::done, "", "");
}

TEST_F(FollowVerbs, LogsOfAllOrOfOneService) {
  const std::string hello = "2025-11-24 16:00:00.000 items g7 4712  hello\n";
  const std::string oh_no = "2025-11-24 16:00:00.999 mail g1 33  oh no\n";
  expect_ran(batonctl({"logs"}), ExitCode::done, hello + oh_no, "");
  expect_ran(batonctl({"logs", "-n", "1"}), ExitCode::done, oh_no, "");
  expect_ran(batonctl({"logs", "items"}), ExitCode::done, hello, "");
  expect_ran(batonctl({"logs", "item"}), ExitCode::failed, "",
             "batonctl: there is no service 'item'; did you mean 'items'?\n");
}

TEST_F(FollowVerbs, JsonIsADocumentPerLine) {
  const auto ran = batonctl({"-o", "json", "logs", "items"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(json::parse(ran.out), json({{"schema", 1},
                                        {"sequence", 1},
                                        {"time_ms", 1'764'000'000'000},
                                        {"service", "items"},
                                        {"generation", 7},
                                        {"pid", 4712},
                                        {"stream", "out"},
                                        {"text", "hello"}}));
}

TEST_F(FollowVerbs, FollowShowsEachLineAsItComesUntilAnInterrupt) {
  testing::Child child(command({"logs", "-f", "-n", "1", "items"}));
  ASSERT_TRUE(child.out().wait_for("hello"));
  served_.with([](admin::FakeControl& control) {
    control.lines.tell({3, 1'764'000'002'000, "items", 8, 4800, "out", "live"});
  });
  ASSERT_TRUE(child.out().wait_for("2025-11-24 16:00:02.000 items g8 4800  live"));
  child.signal(SIGINT);
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(child.err().text(), "");
}

TEST_F(FollowVerbs, FollowEndsWithTheSupervisor) {
  testing::Child child(command({"events", "-f"}));
  ASSERT_TRUE(child.out().wait_for("reload"));
  served_.finish();
  EXPECT_EQ(child.wait(), 0);
}

}  // namespace
}  // namespace baton::ctl
