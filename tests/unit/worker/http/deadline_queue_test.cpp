#include "worker/http/deadline_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace baton::http {
namespace {

struct Waiter : Expiring {
  Waiter(std::vector<int>& log, int number) : log_(log), number_(number) {}
  void expired() override { log_.push_back(number_); }

  std::vector<int>& log_;
  int number_;
};

// Ends the loop when there is nothing more to come.
void run_until_after(Loop& loop, Clock::time_point last) {
  Alarm end(loop, [&] { loop.stop(); });
  end.set(last);
  loop.run();
}

TEST(DeadlineQueue, ExpiresInTheOrderOfTheDeadlines) {
  Loop loop;
  DeadlineQueue queue(loop, Duration{20});
  std::vector<int> expired;
  Waiter first(expired, 1), second(expired, 2), early(expired, 3), gone(expired, 4);
  const auto now = Clock::now();
  queue.join(first, now);
  queue.join(second, now + Duration{5});
  queue.join(gone, now + Duration{5});
  queue.join(early, now - Duration{5});
  gone.leave_queue();
  run_until_after(loop, now + Duration{25});
  EXPECT_EQ(expired, (std::vector{3, 1, 2}));
}

TEST(DeadlineQueue, JoiningAgainMovesTheDeadline) {
  Loop loop;
  DeadlineQueue queue(loop, Duration{5});
  std::vector<int> expired;
  Waiter first(expired, 1), second(expired, 2);
  const auto now = Clock::now();
  queue.join(first, now);
  queue.join(second, now + Duration{5});
  queue.join(first, now + Duration{10});
  run_until_after(loop, now + Duration{15});
  EXPECT_EQ(expired, (std::vector{2, 1}));
}

TEST(DeadlineQueue, AWaiterThatIsDestroyedLeaves) {
  Loop loop;
  DeadlineQueue queue(loop, Duration{5});
  std::vector<int> expired;
  {
    Waiter waiter(expired, 1);
    queue.join(waiter, Clock::now());
  }
  run_until_after(loop, Clock::now() + Duration{6});
  EXPECT_TRUE(expired.empty());
}

}  // namespace
}  // namespace baton::http
