#include "supervisor/runtime/worker_process.hpp"

#include <sys/pidfd.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace baton::runtime {
namespace {

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
  reap();
}

void WorkerProcess::signal(int number) const {
  ::pidfd_send_signal(pidfd_.fd().get(), number, nullptr, 0);
}

void WorkerProcess::ended() {
  const core::ExitStatus status = reap();
  const auto report = std::move(on_exit_);  // it may destroy this
  report(status);
}

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
