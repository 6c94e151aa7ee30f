#include "supervisor/ctl/interruption.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <limits>
#include <utility>

namespace baton::ctl {
namespace {

sigset_t interrupting_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interruption::Interruption(std::optional<Duration> limit, std::function<void()> stop) {
  const sigset_t set = interrupting_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC));
  finished_.reset(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this, limit, stop = std::move(stop)] { wait(limit, stop); });
}

Interruption::~Interruption() {
  ::eventfd_write(finished_.get(), 1);
  thread_.join();
  const sigset_t set = interrupting_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interruption::wait(std::optional<Duration> limit, const std::function<void()>& stop) {
  pollfd watched[2] = {{signals_.get(), POLLIN, 0}, {finished_.get(), POLLIN, 0}};
  const std::int64_t longest = std::numeric_limits<int>::max();
  const int timeout = limit ? static_cast<int>(std::min(limit->count(), longest)) : -1;
  int ready = 0;
  do {
    ready = ::poll(watched, 2, timeout);
  } while (ready < 0 && errno == EINTR);
  if (watched[1].revents != 0) return;
  if (watched[0].revents != 0) {
    // Taken, or it would strike when the signals are let through again.
    signalfd_siginfo taken{};
    static_cast<void>(::read(signals_.get(), &taken, sizeof(taken)));
  }
  cause_ = ready == 0 ? Cause::timeout : Cause::signal;
  stop();
}

}  // namespace baton::ctl
