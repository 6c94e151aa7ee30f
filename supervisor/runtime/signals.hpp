// The signals that batond acts on, as calls from the event loop.
#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace baton::runtime {

// HUP, INT, TERM, USR1 and USR2 wait from here on until there is a Signals to act on them: one that
// comes while batond starts is not lost, and does not end it.
void hold_signals();

// HUP, INT, TERM, USR1 and USR2; as PID 1 also CHLD. SIGPIPE is ignored from here on. One at a time
// in a process. Once it is gone they are held again: one that comes while batond ends changes
// nothing, its exit code in particular.
class Signals {
 public:
  Signals(boost::asio::io_context& io, std::function<void(int)> on_signal);
  ~Signals();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace baton::runtime
