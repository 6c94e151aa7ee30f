// The child's side of spawn(): what happens between fork(2) and execve(2). Async-signal-safe calls
// only, on memory that the parent prepared.
#pragma once

#include "supervisor/runtime/credentials.hpp"

#include <sys/resource.h>

#include <optional>
#include <vector>

namespace baton::runtime {

// Where the child was when it failed, as it is reported through the pipe.
enum class ChildStep : int {
  file_descriptors,
  resource_limits,
  identity,
  working_directory,
  execute,
};

struct ChildFailure {
  ChildStep step{};
  int error_number = 0;
};

struct ChildPlan {
  std::vector<const char*> candidates = {};  // paths to try, in this order (execvpe(3))
  std::vector<char*> argv;                   // null-terminated
  std::vector<char*> envp;                   // null-terminated
  const char* directory = nullptr;
  const Credentials* credentials = nullptr;  // null: stay who we are
  std::optional<rlimit> open_files;
  int standard_input = -1;
  int standard_output = -1;
  int standard_error = -1;
  int channel = -1;
  int report = -1;  // write end, close-on-exec
};

[[noreturn]] void become_worker(const ChildPlan& plan);

}  // namespace baton::runtime
