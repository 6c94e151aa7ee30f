#include "supervisor/runtime/spawn_child.hpp"

#include "common/open_files.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace baton::runtime {
namespace {

constexpr int first_free_fd = 4;  // after stdin, stdout, stderr and the channel

[[noreturn]] void fail(int report, ChildStep step) {
  const ChildFailure failure{.step = step, .error_number = errno};
  // Nobody to tell when even this fails: the exit code is all that is left.
  static_cast<void>(!::write(report, &failure, sizeof failure));
  ::_exit(127);
}

// Ignored signals survive exec (signal(7)), and so would what batond was started with. The kernel's
// own struct: SIG_DFL, no flags, an empty mask.
void reset_signals() {
  const std::array<unsigned long, 4> standard{};
  for (int number = 1; number < NSIG; ++number)
    ::syscall(SYS_rt_sigaction, number, standard.data(), nullptr, sizeof(unsigned long));
}

// First everything out of the way, then everything into its place: a source may itself be one of
// 0 to 3 when batond was started with some of them closed.
bool place_file_descriptors(const ChildPlan& plan, int& report) {
  std::array sources{plan.standard_input, plan.standard_output, plan.standard_error, plan.channel};
  for (int& source : sources) {
    source = ::fcntl(source, F_DUPFD_CLOEXEC, first_free_fd);
    if (source < 0) return false;
  }
  const int moved = ::fcntl(report, F_DUPFD_CLOEXEC, first_free_fd);
  if (moved < 0) return false;
  report = moved;
  for (std::size_t target = 0; target < sources.size(); ++target) {
    if (::dup2(sources[target], static_cast<int>(target)) < 0) return false;
  }
  // Ours are close-on-exec already; this is for what batond itself inherited.
  return ::close_range(first_free_fd, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

// setgroups first, while it is still allowed; the ids last, real, effective and saved at once. The
// C library's wrappers would make all threads of the parent do the same (nptl(7)).
bool become(const Credentials& who) {
  if (::syscall(SYS_setgroups, who.groups.size(), who.groups.data()) != 0) return false;
  if (::syscall(SYS_setresgid, who.gid, who.gid, who.gid) != 0) return false;
  if (::syscall(SYS_setresuid, who.uid, who.uid, who.uid) != 0) return false;
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  if (::getresuid(&real, &effective, &saved) != 0) return false;
  const bool changed = real == who.uid && effective == who.uid && saved == who.uid;
  const bool can_go_back = who.uid != 0 && ::syscall(SYS_setresuid, 0, 0, 0) == 0;
  errno = EPERM;
  return changed && !can_go_back;
}

[[noreturn]] void become_worker(ChildPlan& plan) {
  plan.pid = ::getpid();
  plan.begun.release();
  int report = plan.report;
  ::setpgid(0, 0);
  reset_signals();
  if (!place_file_descriptors(plan, report)) fail(report, ChildStep::file_descriptors);
  enlarge_descriptor_table();
  if (plan.open_files && ::setrlimit(RLIMIT_NOFILE, &*plan.open_files) != 0) {
    fail(report, ChildStep::resource_limits);
  }
  if (plan.credentials != nullptr && !become(*plan.credentials)) fail(report, ChildStep::identity);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(report, ChildStep::identity);
  // With the worker's own rights, so that a directory it may not enter is found out here.
  if (::chdir(plan.directory) != 0) fail(report, ChildStep::working_directory);

  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  int error_number = ENOENT;
  for (const char* candidate : plan.candidates) {
    ::execve(candidate, plan.argv.data(), plan.envp.data());
    if (errno != ENOENT && errno != ENOTDIR) error_number = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  errno = error_number;
  fail(report, ChildStep::execute);
}

}  // namespace

int become_worker(void* plan) {
  become_worker(*static_cast<ChildPlan*>(plan));
}

}  // namespace baton::runtime
