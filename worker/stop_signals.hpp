// SIGTERM and SIGINT as something that can be read, in place of what they do by default. One at a
// time in a process; what they did before is restored at the end. Owns its fd.
#pragma once

#include "common/unique_fd.hpp"

#include <csignal>

namespace baton::worker {

class StopSignals {
 public:
  // Throws std::system_error when there is no fd left.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Readable once a signal has come.
  int fd() const { return event_.get(); }
  // True if one has come; those that come while nobody looks count as one.
  bool take();

 private:
  UniqueFd event_;
  struct sigaction terminate_before_ {};
  struct sigaction interrupt_before_ {};
};

}  // namespace baton::worker
