// Claim: a release that can't be executed, exits at once, exits after hello, never says ready, says
// nonsense or sends file descriptors: each time the old generation serves on, the log and "batonctl
// deploy" say why in one sentence, the exit code is 150, and no process and no fd is left behind.
#include "tests/integration/batond_test.hpp"

namespace baton::testing {
namespace {

using ::testing::HasSubstr;
using BadRelease = BatondTest;

struct Case {
  std::string name;
  std::vector<std::string> arguments;
  std::string reason;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"exits-at-once", {"--at", "start=exit:3"}, "exited with code 3 before it said hello"},
      {"exits-well", {"--at", "start=exit:0"}, "exited with code 0 before it said hello"},
      {"exits-after-hello", {"--at", "greeted=exit:4"}, "exited with code 4 before it said"},
      {"exits-with-listeners", {"--at", "listeners=exit:5"}, "code 5 before it said ready"},
      {"exits-when-ready", {"--at", "warm=exit:6"}, "code 6 before it said accepting"},
      {"exits-at-activate", {"--at", "activate=exit:7"}, "code 7 before it said accepting"},
      {"is-killed", {"--at", "start=die"}, "was killed by SIGKILL before it said hello"},
      {"never-hello", {"--at", "start=mute"}, "did not say hello"},
      {"never-ready", {"--at", "listeners=mute"}, "did not say ready"},
      {"never-accepts", {"--at", "activate=hang"}, "did not say accepting"},
      {"never-ready-never-goes",
       {"--at", "listeners=hang", "--ignore-sigterm"},
       "did not say ready"},
      {"says-failed",
       {"--at", "listeners=fail:the database is on fire"},
       "the database is on fire"},
      {"nonsense", {"--at", "start=say:how do you do"}, "talked nonsense"},
      {"nonsense-after-hello", {"--at", "greeted=say:[1]"}, "talked nonsense"},
      {"unknown-type",
       {"--at", "greeted=say:{\"type\": \"dance\"}"},
       "unknown message type 'dance'"},
      {"ready-first", {"--at", "start=say:{\"type\": \"ready\"}"}, "before it said hello"},
      {"accepting-early",
       {"--at", "listeners=say:{\"type\": \"accepting\"}"},
       "it said accepting without having been told to"},
      {"sends-fds", {"--at", "greeted=fds"}, "sent file descriptors"},
      {"oversize", {"--at", "greeted=oversize"}, "talked nonsense"},
      {"future-version", {"--version-spoken", "999"}, "999"},
  };
  return all;
}

TEST_F(BadRelease, LeavesTheOldGenerationServingAndSaysWhy) {
  // Long for a good worker on a slow machine, short enough to wait for a bad one.
  site_.services["app"].ready_timeout = "1s";
  site_.services["app"].kill_grace = "200ms";
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  const auto old_workers = workers();
  torture::BackgroundRun fresh(clients(torture::Mode::fresh, 2));
  ASSERT_EQ(generation_that_answers(), 1u);
  ASSERT_TRUE(eventually([&] { return open_fds(batond().pid()) > 0; }));
  const auto fds = open_fds(batond().pid());

  for (const auto& [name, arguments, reason] : cases()) {
    SCOPED_TRACE(name);
    site_.add_scripted(name, arguments);
    const Ran ran = deploy(name);
    EXPECT_EQ(ran.exit_code, 150) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(reason));
    const std::string& why = reason;
    const auto failure = batond().wait_for([&why](const LogEntry& entry) {
      return entry.kind == "deploy_failed" && entry.text.find(why) != std::string::npos;
    });
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->text, HasSubstr("generation 1 serves on"));
    EXPECT_EQ(workers(), old_workers);
    EXPECT_TRUE(eventually([&] { return open_fds(batond().pid()) <= fds; }));
  }
  const auto report = fresh.finish();
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
  EXPECT_EQ(report.generations.size(), 1u);
  EXPECT_EQ(report.generations.begin()->first, 1u);
}

TEST_F(BadRelease, ThatCannotBeExecuted) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  std::filesystem::create_directories(site_.release("empty"));
  std::filesystem::create_directories(site_.release("not-executable") / "bin");
  write_file(site_.release("not-executable") / "bin/worker", "#!/bin/sh\n");
  std::filesystem::create_directories(site_.release("not-a-program") / "bin");
  write_script(site_.release("not-a-program") / "bin/worker",
               "\x7f"
               "ELF, but not really\n");
  const std::pair<const char*, const char*> releases[] = {
      {"empty", "No such file or directory"},
      {"not-executable", "Permission denied"},
      {"not-a-program", "Exec format error"},
  };
  for (const auto& [release, reason] : releases) {
    SCOPED_TRACE(release);
    const Ran ran = deploy(release);
    EXPECT_EQ(ran.exit_code, 150) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("bin/worker"));
    EXPECT_THAT(ran.err, HasSubstr(reason));
    EXPECT_EQ(generation_that_answers(), 1u);
    EXPECT_EQ(workers().size(), 1u);
  }
}

TEST_F(BadRelease, IsQuotedWithTheLastThatItSaidOnStandardError) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  std::filesystem::create_directories(site_.release("v2") / "bin");
  const auto last_words = [&](const std::string& commands) {
    write_script(site_.release("v2") / "bin/worker", "#!/bin/sh\n" + commands + "\nexit 7\n");
    const Ran ran = deploy("v2");
    EXPECT_EQ(ran.exit_code, 150) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("exited with code 7 before it said hello"));
    const auto quote = ran.err.find("; it said last: ");
    return quote == std::string::npos ? std::string{} : ran.err.substr(quote);
  };
  const std::string a_hundred(100, 'x');
  EXPECT_THAT(last_words("echo first >&2; echo 'no space left' >&2; echo >&2; echo out"),
              HasSubstr("it said last: \"no space left\""));
  EXPECT_THAT(last_words("printf 'cut off' >&2"), HasSubstr("it said last: \"cut off\""));
  EXPECT_THAT(last_words("printf '\\033[31mred\\377\\n' >&2"),
              HasSubstr("it said last: \"\\x1b[31mred\uFFFD\""));
  EXPECT_THAT(last_words("echo " + a_hundred + a_hundred + "yz >&2"),
              HasSubstr("it said last: \"" + a_hundred + a_hundred + "\""));
  EXPECT_EQ(last_words("echo out"), "") << "what it prints to standard output says less";
}

TEST_F(BadRelease, ThatIsNotThereIsRefusedBeforeAnythingHappens) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  const Ran ran = deploy("none");
  EXPECT_NE(ran.exit_code, 0);
  EXPECT_THAT(ran.err, HasSubstr(site_.release("none").string()));
  EXPECT_TRUE(batond().entries("deploy_failed").empty());
  EXPECT_EQ(generation_that_answers(), 1u);
}

TEST_F(BadRelease, OnlyOneBadWorkerOfTwoIsEnough) {
  site_.services["app"].workers = 2;
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  // The first of the two takes the lock and is good, the second finds it taken.
  std::filesystem::create_directories(site_.release("v2") / "bin");
  write_script(site_.release("v2") / "bin/worker",
               "#!/bin/sh\nif mkdir " + scratch("lock").string() + " 2>/dev/null; then exec " +
                   program("scripted-worker").string() + "; fi\nexit 9\n");
  const Ran ran = deploy("v2");
  EXPECT_EQ(ran.exit_code, 150) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("exited with code 9"));
  EXPECT_EQ(generation_that_answers(), 1u);
  EXPECT_EQ(workers().size(), 2u);
}

}  // namespace
}  // namespace baton::testing
