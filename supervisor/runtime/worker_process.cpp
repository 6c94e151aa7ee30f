#include "supervisor/runtime/worker_process.hpp"

#include "supervisor/runtime/pidfd.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace baton::runtime {
namespace {

constexpr int kill_patience_ms = 5'000;

core::ExitStatus exit_status(const siginfo_t& info) {
  return {.signalled = info.si_code != CLD_EXITED, .value = info.si_status};
}

}  // namespace

WorkerProcess::WorkerProcess(boost::asio::io_context& io, pid_t pid, UniqueFd pidfd,
                             std::function<void(core::ExitStatus)> on_exit)
    : pid_(pid), pidfd_(io, std::move(pidfd)), on_exit_(std::move(on_exit)) {
  // It is when the process has become a zombie (pidfd_open(2)).
  pidfd_.when_readable([this] { ended(); });
}

WorkerProcess::~WorkerProcess() {
  if (reaped_) return;
  signal(SIGKILL);
  // Only an uninterruptible system call can hold it up; then init will reap it.
  pollfd ended{.fd = pidfd_.fd().get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, kill_patience_ms) == 1) reap();
}

void WorkerProcess::signal(int number) const {
  send_signal(pidfd_.fd(), number);
}

void WorkerProcess::ended() {
  const core::ExitStatus status = reap();
  const auto report = std::move(on_exit_);  // it may destroy this
  report(status);
}

// The process has ended: neither call waits.
core::ExitStatus WorkerProcess::reap() {
  const auto fd = static_cast<id_t>(pidfd_.fd().get());
  siginfo_t info{};
  while (::waitid(P_PIDFD, fd, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  ::kill(-pid_, SIGKILL);
  while (::waitid(P_PIDFD, fd, &info, WEXITED) != 0 && errno == EINTR) {
  }
  reaped_ = true;
  return exit_status(info);
}

}  // namespace baton::runtime
