#include "tests/support/child.hpp"

#include "common/result.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/leftovers.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace baton::testing {
namespace {

Command shell(const std::string& script) {
  return {{"/bin/sh", "-c", script}, {}};
}

TEST(Child, GivesOutputAndExitCode) {
  const Ran ran = run({{"/bin/sh", "-c", "echo $WORD; echo bad >&2; exit 7"}, {{"WORD", "good"}}});
  EXPECT_EQ(ran.exit_code, 7);
  EXPECT_EQ(ran.out, "good\n");
  EXPECT_EQ(ran.err, "bad\n");
}

TEST(Child, AProgramThatIsNotThereExits127) {
  EXPECT_EQ(run({{"/no/such"}, {}}).exit_code, 127);
}

TEST(Child, ASignalShowsInTheExitCode) {
  Child child(shell("echo up; exec sleep 100"));
  ASSERT_TRUE(child.out().wait_for("up"));
  EXPECT_FALSE(child.wait(std::chrono::milliseconds{1}));
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait(), 128 + SIGTERM);
}

TEST(Child, WhoRunsTooLongIsKilled) {
  EXPECT_EQ(run(shell("exec sleep 100"), std::chrono::milliseconds{50}).exit_code, -1);
}

// The shell's child becomes it a moment after the shell has ended.
void wait_for_sleep() {
  EXPECT_TRUE(eventually([] {
    const auto children = children_of(::getpid());
    return !children.empty() &&
           read_file("/proc/" + std::to_string(children.front()) + "/comm") == "sleep\n";
  }));
}

TEST(Child, OutputOfAGrandchildThatHoldsThePipeIsNotWaitedFor) {
  adopt_orphans();
  const Ran ran = run(shell("sleep 100 & echo done"));
  EXPECT_EQ(ran.out, "done\n");
  wait_for_sleep();
  EXPECT_THAT(take_leftover_processes(), ::testing::ElementsAre(::testing::HasSubstr("(sleep)")));
}

TEST(Leftovers, AGrandchildThatIsLeftBehindIsFound) {
  adopt_orphans();
  EXPECT_THAT(take_leftover_processes(), ::testing::IsEmpty());
  run(shell("(sleep 100 >/dev/null 2>&1 &)"));
  wait_for_sleep();
  EXPECT_THAT(take_leftover_processes(), ::testing::ElementsAre(::testing::HasSubstr("(sleep)")));
  EXPECT_THAT(children_of(::getpid()), ::testing::IsEmpty());
}

TEST(Leftovers, AProcessIsDescribed) {
  const auto before = open_fds(::getpid());
  const UniqueFd one(::dup(0));
  EXPECT_EQ(open_fds(::getpid()), before + 1);
  EXPECT_GT(private_memory_kib(::getpid()), 100u);
  const auto slept = times_slept(::getpid());
  std::this_thread::sleep_for(std::chrono::milliseconds{1});
  EXPECT_GT(times_slept(::getpid()), slept);
}

TEST(SignalProcess, NeverMeansEverybody) {
  for (const pid_t nobody : {-1, 0, -::getpid()}) {
    EXPECT_THROW(signal_process(nobody, 0), Failure);
  }
  EXPECT_NO_THROW(signal_process(::getpid(), 0));
}

TEST(Gate, HoldsAReaderUntilItIsOpened) {
  const TempDir dir;
  Gate gate(dir / "gate");
  Child reader(shell("cat " + gate.path().string() + "; echo through"));
  ASSERT_TRUE(gate.await_arrival());
  EXPECT_EQ(reader.out().count(), 0u);
  gate.open();
  EXPECT_EQ(reader.wait(), 0);
  EXPECT_EQ(reader.out().text(), "through\n");
}

}  // namespace
}  // namespace baton::testing
