#include "supervisor/core/restart_policy.hpp"

#include <gtest/gtest.h>

namespace baton::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const RestartLimits limits{
    .initial = milliseconds{100}, .max = seconds{2}, .limit = 5, .within = seconds{60}};

TEST(RestartPolicy, WaitsTwiceAsLongAfterEachCrashUpToTheMaximum) {
  RestartPolicy policy(RestartLimits{milliseconds{100}, milliseconds{500}, 100, seconds{60}});
  const TimePoint now{};
  for (const int expected : {100, 200, 400, 500, 500}) {
    EXPECT_EQ(policy.crashed(now, now), milliseconds{expected});
  }
}

TEST(RestartPolicy, MoreCrashesThanTheLimitWithinTheTimeAreACrashLoop) {
  RestartPolicy policy(limits);
  const TimePoint start{};
  for (int i = 0; i < 5; ++i) {
    policy.crashed(start, start + seconds{i});
    EXPECT_FALSE(policy.looping()) << i;
  }
  EXPECT_EQ(policy.crashed(start, start + seconds{6}), limits.max);
  EXPECT_TRUE(policy.looping());
}

TEST(RestartPolicy, CrashesThatLieFarApartAreNoLoop) {
  RestartPolicy policy(limits);
  TimePoint now{};
  for (int i = 0; i < 50; ++i) {
    now += seconds{13};  // five in 65 seconds
    policy.crashed(now, now);
    EXPECT_FALSE(policy.looping());
  }
}

TEST(RestartPolicy, AWorkerThatHasLivedLongEnoughBeginsTheBackoffAnew) {
  RestartPolicy policy(limits);
  const TimePoint start{};
  for (int i = 0; i < 8; ++i)
    policy.crashed(start, start);
  ASSERT_TRUE(policy.looping());
  EXPECT_EQ(policy.crashed(start, start + seconds{60}), limits.initial);
  EXPECT_FALSE(policy.looping());
}

}  // namespace
}  // namespace baton::core
