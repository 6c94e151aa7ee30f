#include "tests/support/leftovers.hpp"

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "tests/support/temp_dir.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace baton::testing {
namespace {

std::string proc(pid_t pid) {
  return "/proc/" + std::to_string(pid);
}

std::string describe_process(pid_t pid) {
  const std::string stat = read_file(proc(pid) + "/stat");  // "1234 (name) S ..."
  const auto end = stat.rfind(')');
  std::string command = read_file(proc(pid) + "/cmdline");
  for (char& c : command) {
    if (c == '\0') c = ' ';
  }
  return (end == std::string::npos ? std::to_string(pid) : stat.substr(0, end + 3)) + " " + command;
}

}  // namespace

void adopt_orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void signal_process(pid_t pid, int number) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process || ::syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0) != 0) {
    throw Failure(system_error("signal pid " + std::to_string(pid), errno));
  }
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> result;
  for (const auto& task : std::filesystem::directory_iterator(proc(pid) + "/task")) {
    std::istringstream pids(read_file(task.path() / "children"));
    for (pid_t child = 0; pids >> child;)
      result.push_back(child);
  }
  return result;
}

std::vector<std::string> take_leftover_processes() {
  std::vector<std::string> result;
  // Those that a killed child leaves behind become ours in their turn.
  for (auto children = children_of(::getpid()); !children.empty();
       children = children_of(::getpid())) {
    for (const pid_t child : children) {
      if (::waitpid(child, nullptr, WNOHANG) == child) continue;  // an orphan that had ended
      result.push_back(describe_process(child));
      signal_process(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }
  return result;
}

std::size_t open_fds(pid_t pid) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& fd : std::filesystem::directory_iterator(proc(pid) + "/fd"))
    ++count;
  return count;
}

std::string proc_status(pid_t pid, const std::string& field) {
  std::istringstream lines(read_file(proc(pid) + "/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(field + ":\t")) return line.substr(field.size() + 2);
  }
  return {};
}

std::size_t private_memory_kib(pid_t pid) {
  return std::strtoul(proc_status(pid, "RssAnon").c_str(), nullptr, 10);
}

std::size_t times_slept(pid_t pid) {
  return std::strtoul(proc_status(pid, "voluntary_ctxt_switches").c_str(), nullptr, 10);
}

}  // namespace baton::testing
