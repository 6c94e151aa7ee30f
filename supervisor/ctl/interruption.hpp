// Ends a wait from outside: Ctrl-C, or a time limit. From its construction to its end SIGINT and
// SIGTERM are taken by a thread of its own, which calls `stop` once; so it must be made before any
// other thread is.
#pragma once

#include "common/duration.hpp"
#include "common/unique_fd.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

namespace baton::ctl {

class Interruption {
 public:
  enum class Cause { none, signal, timeout };

  Interruption(std::optional<Duration> limit, std::function<void()> stop);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  Cause cause() const { return cause_; }

 private:
  void wait(std::optional<Duration> limit, const std::function<void()>& stop);

  UniqueFd signals_;   // signalfd(2)
  UniqueFd finished_;  // eventfd(2): the wait is over, the thread can go
  std::atomic<Cause> cause_ = Cause::none;
  std::thread thread_;
};

}  // namespace baton::ctl
