#include "worker/stop_signals.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace baton::worker {
namespace {

int event_of_process = -1;  // for the handler, which runs on whatever thread

// Only what signal-safety(7) allows.
void note_signal(int) {
  const int error_number = errno;
  const std::uint64_t one = 1;
  static_cast<void>(::write(event_of_process, &one, sizeof(one)) == sizeof(one));
  errno = error_number;
}

}  // namespace

StopSignals::StopSignals() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw std::system_error(errno, std::system_category(), "eventfd");
  event_of_process = event_.get();
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, &terminate_before_);
  ::sigaction(SIGINT, &action, &interrupt_before_);
}

StopSignals::~StopSignals() {
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  event_of_process = -1;
}

bool StopSignals::take() {
  std::uint64_t count = 0;
  return ::read(event_.get(), &count, sizeof(count)) == sizeof(count);
}

}  // namespace baton::worker
