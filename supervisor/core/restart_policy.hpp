// How long a crashed worker waits before it comes back: a doubling backoff, and the pace of a crash
// loop when it crashes too often. PURE: time is an argument. A crash loop is never given up,
// because what it waits for (a database, a disk) may come back; it only gets slow.
#pragma once

#include "supervisor/core/types.hpp"

#include <deque>

namespace baton::core {

class RestartPolicy {
 public:
  explicit RestartPolicy(RestartLimits limits) : limits_(limits) {}

  // Counts a crash of a worker that was started at `started`, and says how long to wait. A worker
  // that has lived for `within` has proved itself: the backoff begins anew.
  Duration crashed(TimePoint started, TimePoint now);

  // More than `limit` crashes within `within`, as of the last crash.
  bool looping() const { return looping_; }

  // Something has proved that it works again.
  void reset();

 private:
  RestartLimits limits_;
  std::deque<TimePoint> crashes_;  // the youngest limit + 1 at the most
  Duration backoff_{0};
  bool looping_ = false;
};

}  // namespace baton::core
