// The child's side of spawn(): what happens between clone(2) and execve(2). It runs in the memory
// of the parent, of which one thread waits meanwhile: so it makes async-signal-safe calls only, and
// raw system calls where the C library's would speak to the threads of the parent. No sanitizer
// instruments it (CMakeLists.txt): they would take it for the thread that waits.
#pragma once

#include "supervisor/runtime/credentials.hpp"

#include <sys/resource.h>

#include <optional>
#include <semaphore>
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
  std::optional<rlimit> open_files = {};
  int standard_input = -1;
  int standard_output = -1;
  int standard_error = -1;
  int channel = -1;
  int report = -1;  // write end, close-on-exec

  // Set by the child, which then releases `begun`.
  pid_t pid = 0;
  std::binary_semaphore begun{0};
};

// For clone(2): `plan` is a ChildPlan. Returns never.
int become_worker(void* plan);

}  // namespace baton::runtime
