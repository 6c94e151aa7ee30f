// Which program it was: two releases in the same directory differ in it. Blocking. One thread.
#pragma once

#include "common/result.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace baton::history {

class ProgramDigests {
 public:
  // "sha256:" and 64 hexadecimal digits, of a regular file of at most 1 GiB. A file that has not
  // changed since (inode(7): ctime) is not read again. Errors name the file.
  Result<std::string> of(const std::filesystem::path& file);

 private:
  using FileVersion = std::array<std::int64_t, 5>;  // device, inode, size, ctime, its nanoseconds

  std::map<FileVersion, std::string> known_;
};

}  // namespace baton::history
