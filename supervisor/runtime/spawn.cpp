#include "supervisor/runtime/spawn.hpp"

#include "supervisor/runtime/spawn_child.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <memory>
#include <semaphore>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace baton::runtime {
namespace {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

// Only the read end is non-blocking: a worker's standard output must behave as programs expect.
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("pipe2", errno);
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) return system_error("fcntl", errno);
  return pipe;
}

// No signal may run one of our handlers in the child before it has reset them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

std::string_view search_path(const std::vector<std::string>& environment) {
  constexpr std::string_view name = "PATH=";
  for (const std::string& variable : environment) {
    if (variable.starts_with(name)) return std::string_view(variable).substr(name.size());
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

std::vector<std::string> candidate_paths(const SpawnRequest& request) {
  const std::string& program = request.command.front();
  if (program.find('/') != std::string::npos) return {program};
  std::vector<std::string> found;
  std::string_view rest = search_path(request.environment);
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string_view directory = rest.substr(0, colon);
    // An empty entry would mean the working directory (environ(7)): that is asked for with "./x".
    if (!directory.empty()) found.push_back(std::string(directory) + '/' + program);
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  return found;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (std::string& text : strings)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// All that the child needs, for as long as it lives in our memory. Shared by the thread that waits
// for it and the one that wants it.
struct Launch {
  explicit Launch(const SpawnRequest& asked)
      : request(asked),
        candidates(candidate_paths(request)),
        stack(new std::byte[stack_size]),
        plan{.argv = pointers(request.command),
             .envp = pointers(request.environment),
             .directory = request.directory.c_str(),
             .credentials = request.credentials ? &*request.credentials : nullptr,
             .open_files = request.open_files,
             .channel = request.channel} {
    for (const std::string& path : candidates)
      plan.candidates.push_back(path.c_str());
  }

  static constexpr std::size_t stack_size = std::size_t{64} * 1024;

  SpawnRequest request;
  std::vector<std::string> candidates;
  std::unique_ptr<std::byte[]> stack;
  ChildPlan plan;

  int pidfd = -1;        // set by the kernel before the child runs
  int error_number = 0;  // when there is no child
};

// Returns when the child lives in memory of its own, or is dead.
void launch_and_wait(Launch& launch) {
  constexpr int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  std::byte* const top = launch.stack.get() + Launch::stack_size;
  if (::clone(become_worker, top, flags, &launch.plan, &launch.pidfd) >= 0) return;
  launch.error_number = errno;
  launch.plan.begun.release();
}

// Both sides set the group, so that neither can act before it is set.
Result<std::pair<pid_t, UniqueFd>> start(const std::shared_ptr<Launch>& launch) {
  try {
    const SignalsBlocked in_the_thread_and_in_the_child;
    std::thread([launch] { launch_and_wait(*launch); }).detach();
  } catch (const std::system_error& error) {
    return system_error("pthread_create", error.code().value());
  }
  launch->plan.begun.acquire();
  if (launch->error_number != 0) return system_error("clone", launch->error_number);
  const pid_t pid = launch->plan.pid;
  ::setpgid(pid, pid);
  return std::pair(pid, UniqueFd(launch->pidfd));
}

// What execve(2) said, in the words of somebody who wrote the command into a config file.
std::string describe_execute_failure(const SpawnRequest& request, int error_number) {
  const std::string& program = request.command.front();
  const bool searched = program.find('/') == std::string::npos;
  const std::string place = searched ? " from PATH" : " in " + request.directory.string();
  std::string text =
      "cannot execute '" + program + "'" + place + ": " + std::strerror(error_number);
  if (error_number == ENOENT && !searched &&
      ::access((request.directory / program).c_str(), F_OK) == 0) {
    text += " (the file is there: its interpreter is missing)";
  }
  return text;
}

}  // namespace

Result<Spawned> spawn(const SpawnRequest& request) {
  auto output = make_pipe();
  if (!output) return output.error();
  auto errors = make_pipe();
  if (!errors) return errors.error();
  auto report = make_pipe();
  if (!report) return report.error();
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return system_error("open /dev/null", errno);

  const auto launch = std::make_shared<Launch>(request);
  launch->plan.standard_input = null.get();
  launch->plan.standard_output = output->write_end.get();
  launch->plan.standard_error = errors->write_end.get();
  launch->plan.report = report->write_end.get();

  auto started = start(launch);
  if (!started) return started.error();
  return Spawned{.pid = started->first,
                 .pidfd = std::move(started->second),
                 .standard_output = std::move(output->read_end),
                 .standard_error = std::move(errors->read_end),
                 .exec_report = std::move(report->read_end)};
}

std::optional<std::string> exec_failure(const SpawnRequest& request, const UniqueFd& exec_report) {
  ChildFailure failure;
  if (::read(exec_report.get(), &failure, sizeof failure) != sizeof failure) return std::nullopt;
  const std::string why = std::string(": ") + std::strerror(failure.error_number);
  switch (failure.step) {
    case ChildStep::file_descriptors:
      return "cannot give the worker its file descriptors" + why;
    case ChildStep::resource_limits:
      return "cannot set the worker's limit of open files" + why;
    case ChildStep::identity:
      return "cannot become user '" +
             (request.credentials ? request.credentials->user : std::string("(own)")) + "'" + why;
    case ChildStep::working_directory:
      return "cannot enter directory " + request.directory.string() + why;
    case ChildStep::execute:
      break;
  }
  return describe_execute_failure(request, failure.error_number);
}

}  // namespace baton::runtime
