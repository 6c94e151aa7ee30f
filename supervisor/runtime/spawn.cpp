#include "supervisor/runtime/spawn.hpp"

#include "supervisor/runtime/pidfd.hpp"
#include "supervisor/runtime/spawn_child.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
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

// Both sides set the group, so that neither can act before it is set.
Result<std::pair<pid_t, UniqueFd>> start(const ChildPlan& plan) {
  const SignalsBlocked until_the_child_has_reset_them;
  const pid_t pid = ::fork();
  if (pid < 0) return system_error("fork", errno);
  if (pid == 0) become_worker(plan);
  ::setpgid(pid, pid);
  UniqueFd pidfd = open_pidfd(pid);
  if (!pidfd) {
    const int error_number = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return system_error("pidfd_open", error_number);
  }
  return std::pair(pid, std::move(pidfd));
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

  std::vector<std::string> arguments = request.command;
  std::vector<std::string> environment = request.environment;
  const std::vector<std::string> candidates = candidate_paths(request);
  ChildPlan plan{.argv = pointers(arguments),
                 .envp = pointers(environment),
                 .directory = request.directory.c_str(),
                 .credentials = request.credentials ? &*request.credentials : nullptr,
                 .open_files = request.open_files,
                 .standard_input = null.get(),
                 .standard_output = output->write_end.get(),
                 .standard_error = errors->write_end.get(),
                 .channel = request.channel,
                 .report = report->write_end.get()};
  for (const std::string& path : candidates)
    plan.candidates.push_back(path.c_str());

  auto started = start(plan);
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
