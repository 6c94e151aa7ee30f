// Starts one worker process. The only place that does.
//
// The child gets exactly four file descriptors: 0 is /dev/null, 1 and 2 are pipes, 3 is its end of
// the protocol channel. It leads its own process group, so that a terminal's Ctrl-C reaches batond
// alone; it has default signal dispositions and an empty signal mask, no_new_privs, a large table
// of descriptors, and, when asked, another user's identity without a way back.
//
// The child borrows our memory until it has become the program, as after vfork(2): fork(2) would
// copy the page tables and make each of our next writes fault, milliseconds in a deploy. The thread
// that made it stands still meanwhile, so that is a thread of its own: the event loop waits until
// there is a process, and never for an execve(2) that hangs on a dead network disk.
//
// What fails before there is a child is a Result. What fails in it (no such program, no permission)
// ends it, and `exec_report` says why: read it with exec_failure() once the process has ended.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "supervisor/runtime/credentials.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace baton::runtime {

inline constexpr int worker_channel_fd = 3;

struct SpawnRequest {
  std::vector<std::string> command;      // program and arguments
  std::filesystem::path directory;       // the child's working directory, absolute
  std::vector<std::string> environment;  // whole: "NAME=value"
  std::optional<Credentials> credentials;
  std::optional<rlimit> open_files;  // RLIMIT_NOFILE of the child; empty: the supervisor's
  int channel = -1;                  // borrowed for the call
};

struct Spawned {
  pid_t pid = 0;
  UniqueFd pidfd;
  UniqueFd standard_output;  // read ends, non-blocking
  UniqueFd standard_error;
  UniqueFd exec_report;
};

// Errc::system when there are no fds, processes or memory left. A program with a '/' is relative to
// `directory`; one without is searched in the PATH of `environment`.
Result<Spawned> spawn(const SpawnRequest& request);

// One sentence, when the child could not become the program: "cannot execute 'bin/x' in /srv/x: No
// such file or directory". Empty when it did. Never blocks.
std::optional<std::string> exec_failure(const SpawnRequest& request, const UniqueFd& exec_report);

}  // namespace baton::runtime
