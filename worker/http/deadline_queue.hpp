// Deadlines of one kind: all of the same length, so that they expire in the order in which they
// began, and a queue does what a heap or an alarm for each would. The one alarm behind it is set
// only while somebody waits; joining and leaving cost no system call. One thread.
#pragma once

#include "common/duration.hpp"
#include "worker/http/loop.hpp"

#include <boost/intrusive/list.hpp>

namespace baton::http {

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
  DeadlineQueue(Loop& loop, Duration length)
      : length_(length), alarm_(loop, [this] { expire(); }) {}

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
  void expire();

  const Duration length_;
  boost::intrusive::list<Expiring, boost::intrusive::constant_time_size<false>> waiters_;
  Alarm alarm_;
};

}  // namespace baton::http
