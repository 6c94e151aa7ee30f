// One point in time at which something is to be called. Not set, it costs nothing and wakes nobody.
// One thread. A callback is never called after clear(), a later set() or the alarm's end, and may
// destroy the alarm.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace baton::runtime {

class Alarm {
 public:
  explicit Alarm(boost::asio::io_context& io);
  ~Alarm();

  // Replaces what was set before. A time that has passed calls back from the event loop, soon.
  void set(std::chrono::steady_clock::time_point when, std::function<void()> callback);
  void clear();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace baton::runtime
