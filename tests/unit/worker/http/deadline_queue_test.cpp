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

TEST(DeadlineQueue, ExpiresInTheOrderOfTheDeadlinesAndThenTheLoopIsIdle) {
  asio::io_context loop;
  DeadlineQueue queue(loop, Duration{20});
  std::vector<int> expired;
  Waiter first(expired, 1), second(expired, 2), early(expired, 3), gone(expired, 4);
  const auto now = Clock::now();
  queue.join(first, now);
  queue.join(second, now + Duration{5});
  queue.join(gone, now + Duration{5});
  queue.join(early, now - Duration{5});
  gone.leave_queue();
  loop.run();  // returns because no timer is left
  EXPECT_EQ(expired, (std::vector{3, 1, 2}));
}

TEST(DeadlineQueue, JoiningAgainMovesTheDeadline) {
  asio::io_context loop;
  DeadlineQueue queue(loop, Duration{5});
  std::vector<int> expired;
  Waiter first(expired, 1), second(expired, 2);
  const auto now = Clock::now();
  queue.join(first, now);
  queue.join(second, now + Duration{5});
  queue.join(first, now + Duration{10});
  loop.run();
  EXPECT_EQ(expired, (std::vector{2, 1}));
}

TEST(DeadlineQueue, AWaiterThatIsDestroyedLeaves) {
  asio::io_context loop;
  DeadlineQueue queue(loop, Duration{5});
  std::vector<int> expired;
  {
    Waiter waiter(expired, 1);
    queue.join(waiter, Clock::now());
  }
  loop.run();
  EXPECT_TRUE(expired.empty());
}

}  // namespace
}  // namespace baton::http
