// Holds a scripted worker at a chosen moment (--at MOMENT=gate:PATH) until the test lets it go: a
// FIFO that the worker opens for reading and the test for writing. No sleeps, no races: both know
// when the other is there.
#pragma once

#include "common/unique_fd.hpp"

#include <chrono>
#include <filesystem>

namespace baton::testing {

class Gate {
 public:
  // Makes the FIFO. Throws Failure when it can't.
  explicit Gate(std::filesystem::path path);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Waits until a worker stands at the gate. False when none came within 30 s.
  bool await_arrival();
  // Lets the worker go that has arrived, and everyone who comes later.
  void open();

 private:
  std::filesystem::path path_;
  UniqueFd held_;
};

}  // namespace baton::testing
