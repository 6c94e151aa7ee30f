#include "tests/support/child.hpp"

#include "common/result.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace baton::testing {
namespace {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure(system_error("pipe2", errno));
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& more) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!more.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : more)
    result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Async-signal-safe only: the test may have threads. The process dies with the test's main thread.
[[noreturn]] void become(char** argv, char** envp, int out, int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::execve(argv[0], argv, envp);
  ::_exit(127);
}

}  // namespace

std::filesystem::path program(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

Child::Child(const Command& command) {
  auto arguments = command.arguments;
  auto environment = environment_with(command.environment);
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  pid_ = ::fork();
  if (pid_ < 0) throw Failure(system_error("fork", errno));
  if (pid_ == 0) {
    become(const_cast<char**>(argv.data()), const_cast<char**>(envp.data()), out.write_end.get(),
           err.write_end.get());
  }
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) throw Failure(system_error("pidfd_open", errno));
  out_ = std::make_unique<Lines>(std::move(out.read_end));
  err_ = std::make_unique<Lines>(std::move(err.read_end));
}

Child::~Child() {
  if (exit_code_) return;
  signal(SIGKILL);
  wait();
}

void Child::signal(int number) const {
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

bool Child::has_ended() const {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  return exit_code_ || ::poll(&ended, 1, 0) == 1;
}

std::optional<int> Child::wait(std::chrono::milliseconds limit) {
  if (exit_code_) return exit_code_;
  pollfd ended{pidfd_.get(), POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(limit.count())) != 1) return std::nullopt;
  siginfo_t info{};
  ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info, WEXITED);
  exit_code_ = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  out_->finish();
  err_->finish();
  return exit_code_;
}

Ran run(const Command& command, std::chrono::milliseconds limit) {
  Child child(command);
  const auto exit_code = child.wait(limit);
  if (!exit_code) {
    child.signal(SIGKILL);
    child.wait();
  }
  return {exit_code.value_or(-1), child.out().text(), child.err().text()};
}

}  // namespace baton::testing
