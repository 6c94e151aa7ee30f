#include "worker/http/deadline_queue.hpp"

#include <iterator>

namespace baton::http {

void DeadlineQueue::join(Expiring& waiter, Clock::time_point start) {
  waiter.leave_queue();
  waiter.deadline_ = start + length_;
  // Nearly always the last place; only a start that lies in the past is earlier than others.
  auto place = waiters_.end();
  while (place != waiters_.begin() && std::prev(place)->deadline_ > waiter.deadline_)
    --place;
  waiters_.insert(place, waiter);
  // The earliest deadline can only move forward while the alarm is set, but for such a start. That
  // it may ring too early is cheaper than to set it for each who joins.
  const Clock::time_point first = waiters_.front().deadline_;
  if (!alarm_.is_set() || alarm_.time() > first) alarm_.set(first);
}

void DeadlineQueue::expire() {
  const Clock::time_point now = Clock::now();
  while (!waiters_.empty() && waiters_.front().deadline_ <= now) {
    Expiring& waiter = waiters_.front();
    waiter.leave_queue();
    waiter.expired();
  }
  if (!waiters_.empty()) alarm_.set(waiters_.front().deadline_);
}

}  // namespace baton::http
