// The directory that belongs to one running batond: batond.pid, locked for life, and the control
// socket. A second batond on the same directory is refused.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"

#include <filesystem>

namespace baton::runtime {

class RuntimeDir {
 public:
  // Makes the directory (0700; its parent must exist) or takes over an existing one. Errc::busy
  // names the pid of the batond that holds it; Errc::not_permitted: it belongs to another user, or
  // others may write to it; Errc::system.
  static Result<RuntimeDir> acquire(std::filesystem::path directory);

  RuntimeDir(RuntimeDir&&) noexcept = default;
  RuntimeDir& operator=(RuntimeDir&&) = delete;
  ~RuntimeDir();  // removes batond.pid, still under the lock

  std::filesystem::path control_socket() const { return directory_ / "control.sock"; }

 private:
  RuntimeDir(std::filesystem::path directory, UniqueFd pid_file)
      : directory_(std::move(directory)), pid_file_(std::move(pid_file)) {}

  std::filesystem::path directory_;
  UniqueFd pid_file_;  // flock(2): released by the kernel however batond ends
};

}  // namespace baton::runtime
