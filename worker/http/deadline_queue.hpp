// Deadlines of one kind: all of the same length, so that they expire in the order in which they
// began, and a queue does what a heap or a timer for each would. The one timer behind it runs only
// while somebody waits; joining and leaving cost no system call. One thread.
#pragma once

#include "common/duration.hpp"
#include "worker/http/asio_types.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>

namespace baton::http {

using Clock = std::chrono::steady_clock;

// Somebody who can wait against a deadline, one at a time. Leaves its queue when destroyed.
class Expiring : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Expiring() = default;
  // The deadline has passed; it has left the queue.
  virtual void expired() = 0;
  void leave_queue() {
    if (is_linked()) unlink();
  }

 private:
  friend class DeadlineQueue;
  Clock::time_point deadline_;
};

class DeadlineQueue {
 public:
  DeadlineQueue(asio::io_context& context, Duration length) : length_(length), timer_(context) {}

  // The deadline is `start` plus the queue's length. Leaves the queue it was in. Costs a step for
  // each who is there and began later.
  void join(Expiring& waiter, Clock::time_point start);

  // Calls visit(Expiring&) for each, the one that expires first first, until it returns false. It
  // must not let anybody join or leave.
  template <class Visitor>
  void each(Visitor visit) {
    for (Expiring& waiter : waiters_) {
      if (!visit(waiter)) return;
    }
  }

 private:
  void arm();
  void expire();

  const Duration length_;
  boost::intrusive::list<Expiring, boost::intrusive::constant_time_size<false>> waiters_;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer_;
  bool armed_ = false;
};

}  // namespace baton::http
