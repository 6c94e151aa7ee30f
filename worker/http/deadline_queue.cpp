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
  // The earliest deadline can only move forward while the timer runs, but for such a start.
  if (!armed_ || timer_.expiry() > waiters_.front().deadline_) arm();
}

void DeadlineQueue::arm() {
  armed_ = true;
  timer_.expires_at(waiters_.front().deadline_);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) expire();
  });
}

void DeadlineQueue::expire() {
  armed_ = false;
  const Clock::time_point now = Clock::now();
  while (!waiters_.empty() && waiters_.front().deadline_ <= now) {
    Expiring& waiter = waiters_.front();
    waiter.leave_queue();
    waiter.expired();
  }
  if (!waiters_.empty()) arm();
}

}  // namespace baton::http
