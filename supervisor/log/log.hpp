// Where log lines go: standard error, or a file that is appended to and can be rotated.
//
// Logging never fails towards its caller and never takes the supervisor down: a line that can't be
// written (full disk, a pipe that nobody reads) is lost and counted, and the first line that gets
// through again is preceded by one that says how many are missing. Not thread-safe.
#pragma once

#include "common/result.hpp"
#include "supervisor/log/line.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace spdlog {
class logger;
}

namespace baton::log {

class LineSink;

class Log {
 public:
  // An empty `file` means standard error. Errc::system and not_permitted name the file.
  static Result<std::unique_ptr<Log>> open(std::filesystem::path file, Level level, Format format);
  ~Log();

  void write(const Line& line);  // lines below the level are dropped
  void set_level(Level level);

  // Opens the file again by its name, after logrotate(8) has moved the old one away. On failure the
  // old one stays in use. Standard error needs no reopening.
  Result<void> reopen();

  std::uint64_t lost_lines() const;

 private:
  Log(std::shared_ptr<LineSink> sink, Level level, Format format);

  std::shared_ptr<LineSink> sink_;
  std::unique_ptr<spdlog::logger> logger_;
  Format format_;
};

}  // namespace baton::log
