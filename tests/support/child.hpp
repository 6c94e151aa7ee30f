// A program that a test starts: its output line by line, its end through a pidfd, and its certain
// end when the test is over. Owns the process: the destructor kills and reaps it. Used by one
// thread; a thread per output pipe reads behind the scenes.
#pragma once

#include "common/unique_fd.hpp"
#include "tests/support/lines.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton::testing {

// Generous: only a test that fails anyway waits so long.
inline constexpr std::chrono::seconds patience{30};

// A program that was built beside the running test.
std::filesystem::path program(const std::string& name);

struct Command {
  std::vector<std::string> arguments;              // the program's path first
  std::map<std::string, std::string> environment;  // added to ours
};

class Child {
 public:
  // Throws Failure when it can't be started.
  explicit Child(const Command& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  bool has_ended() const;

  // The exit code; 128 + number when a signal ended it; nothing when it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit = patience);

  // What it has written so far. After wait() all of it.
  Lines& out() { return *out_; }
  Lines& err() { return *err_; }

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  std::unique_ptr<Lines> out_;
  std::unique_ptr<Lines> err_;
  std::optional<int> exit_code_;
};

// A program that was run to its end.
struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Exit code -1 when it had to be killed after `limit`.
Ran run(const Command& command, std::chrono::milliseconds limit = patience);

}  // namespace baton::testing
