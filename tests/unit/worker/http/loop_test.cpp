// The loop: who is told what, when, and who is woken by whom.
#include "worker/http/loop.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace baton::http {
namespace {

using namespace std::chrono_literals;

class Loops : public testing::Test {
 protected:
  struct Pair {
    UniqueFd here, there;
    void say() const { ::send(there.get(), "x", 1, 0); }
  };
  static Pair connect() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
  }
  void note(const std::string& what) { log_ += what; }

  Loop loop_;
  std::string log_;
};

TEST_F(Loops, RunUntilTheyAreStopped) {
  loop_.post([&] {
    note("a");
    loop_.post([&] {
      note("b");
      loop_.stop();
    });
  });
  loop_.run();
  EXPECT_EQ(log_, "ab");
  loop_.run();  // once stopped, for good
}

TEST_F(Loops, GoOnWhateverIsPostedByThoseThatTheyTell) {
  const Pair pair = connect();
  int run = 0;
  ReadableWatch watch(loop_, pair.here.get(), [&] {
    loop_.post([&] { ++run; });
    if (run == 100) loop_.stop();
  });
  pair.say();
  loop_.run();
  EXPECT_EQ(run, 100);
}

TEST_F(Loops, AreWokenByAnotherThread) {
  loop_.post([&] { note("begun "); });
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i)
      loop_.post([&, i] {
        if (i == 999) loop_.stop();
      });
  });
  loop_.run();
  other.join();
  EXPECT_EQ(log_, "begun ");
}

TEST_F(Loops, DispatchAtOnceOnTheirOwnThreadAndLaterOnOthers) {
  loop_.dispatch([&] { note("later "); });
  EXPECT_EQ(log_, "");
  loop_.post([&] {
    loop_.dispatch([&] { note("at once "); });
    note("then");
    loop_.stop();
  });
  loop_.run();
  EXPECT_EQ(log_, "later at once then");
}

TEST_F(Loops, TellAWatchAsLongAsThereIsSomethingToRead) {
  const Pair pair = connect();
  int told = 0;
  ReadableWatch watch(loop_, pair.here.get(), [&] {
    if (++told == 3) watch.stop();
  });
  loop_.poll();
  EXPECT_EQ(told, 0);
  pair.say();
  loop_.poll();
  EXPECT_EQ(told, 3);
}

TEST_F(Loops, TellNobodyWhoHasGoneInTheSameTurn) {
  const Pair first = connect();
  const Pair second = connect();
  std::unique_ptr<ReadableWatch> one, other;
  one = std::make_unique<ReadableWatch>(loop_, first.here.get(), [&] {
    note("one");
    one->stop();
    other.reset();
  });
  other = std::make_unique<ReadableWatch>(loop_, second.here.get(), [&] {
    note("other");
    other->stop();
    one.reset();
  });
  first.say();
  second.say();
  loop_.poll();
  EXPECT_TRUE(log_ == "one" || log_ == "other") << log_;
}

TEST_F(Loops, RingInTheOrderOfTheTimes) {
  const auto now = Clock::now();
  Alarm first(loop_, [&] { note("1"); });
  Alarm second(loop_, [&] { note("2"); });
  Alarm moved(loop_, [&] { note("3"), loop_.stop(); });
  Alarm off(loop_, [&] { note("never"); });
  second.set(now + 2ms);
  moved.set(now);
  off.set(now);
  first.set(now + 1ms);
  moved.set(now + 3ms);
  off.cancel();
  loop_.run();
  EXPECT_EQ(log_, "123");
  EXPECT_FALSE(first.is_set());
}

TEST_F(Loops, WaitForAnAlarmThatAPostedFunctionSets) {
  Alarm alarm(loop_, [&] { loop_.stop(); });
  loop_.post([&] { alarm.set(Clock::now() + 1ms); });
  loop_.run();
  EXPECT_FALSE(alarm.is_set());
}

TEST_F(Loops, AnAlarmMayBeSetAnewWhileItRings) {
  int rung = 0;
  std::unique_ptr<Alarm> alarm;
  alarm = std::make_unique<Alarm>(loop_, [&] {
    if (++rung == 3) return loop_.stop();
    alarm->set(Clock::now());
  });
  alarm->set(Clock::now() - 1h);
  loop_.run();
  EXPECT_EQ(rung, 3);
}

TEST_F(Loops, AnAlarmThatIsDestroyedDoesNotRing) {
  {
    Alarm alarm(loop_, [&] { note("rung"); });
    alarm.set(Clock::now());
  }
  loop_.poll();
  EXPECT_EQ(log_, "");
}

}  // namespace
}  // namespace baton::http
