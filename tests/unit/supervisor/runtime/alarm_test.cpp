#include "supervisor/runtime/alarm.hpp"

#include "tests/unit/supervisor/runtime/event_loop.hpp"

#include <optional>

namespace baton::runtime {
namespace {

using Clock = std::chrono::steady_clock;

TEST(Alarm, CallsOnceAndMayBeSetAgainFromItsCallback) {
  EventLoop loop;
  Alarm alarm(loop.io());
  int calls = 0;
  alarm.set(Clock::now(), [&] {
    ++calls;
    alarm.set(Clock::now(), [&] { ++calls; });
  });
  loop.run_until([&] { return calls == 2; });
  EXPECT_EQ(loop.io().poll(), 0U);
}

TEST(Alarm, IsReplacedAndClearedEvenWhenItWasDueAlready) {
  EventLoop loop;
  Alarm replaced(loop.io());
  Alarm cleared(loop.io());
  Alarm last(loop.io());
  bool done = false;
  replaced.set(Clock::now(), [] { FAIL() << "it was replaced"; });
  replaced.set(Clock::now(), [] {});
  cleared.set(Clock::now(), [] { FAIL() << "it was cleared"; });
  cleared.clear();
  last.set(Clock::now(), [&] { done = true; });
  loop.run_until([&] { return done; });
}

TEST(Alarm, MayBeDestroyedByItsCallbackAndNeverCallsAfterwards) {
  EventLoop loop;
  std::optional<Alarm> alarm(loop.io());
  bool called = false;
  alarm->set(Clock::now(), [&] {
    called = true;
    alarm.reset();
  });
  loop.run_until([&] { return called; });
  Alarm(loop.io()).set(Clock::now(), [] { FAIL() << "its alarm is gone"; });
  loop.io().restart();
  loop.io().poll();
}

}  // namespace
}  // namespace baton::runtime
