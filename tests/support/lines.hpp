// The lines that a process writes to a pipe, as they come. A thread reads; everything else may be
// called from the test's thread.
#pragma once

#include "common/unique_fd.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace baton::testing {

class Lines {
 public:
  explicit Lines(UniqueFd pipe);
  ~Lines();
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // The first line, not before number `from`, that fits; nothing when none came within `limit`.
  std::optional<std::string> wait_for(const std::function<bool(const std::string&)>& fits,
                                      std::size_t from = 0,
                                      std::chrono::milliseconds limit = std::chrono::seconds{30});
  // The same for a line that contains `part`.
  std::optional<std::string> wait_for(const std::string& part, std::size_t from = 0);

  std::size_t count() const;
  std::vector<std::string> all() const;
  std::string text() const;

  // Reads what is still in the pipe and lets go of it, even if a descendant of the process holds
  // its other end.
  void finish();

 private:
  void read();
  bool read_some();
  void add(const char* bytes, std::size_t size);

  UniqueFd pipe_;
  UniqueFd stop_;  // eventfd(2)
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::string> lines_;
  std::string partial_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace baton::testing
