// A torture run: N clients against one target, on the calling thread or on one of its own.
#pragma once

#include "tests/torture/account.hpp"
#include "tests/torture/options.hpp"
#include "tests/torture/report.hpp"

#include <functional>
#include <thread>

namespace baton::torture {

// Runs until the limits of `options` are reached or live.stop is set. Whatever the server does is
// in the report; an exception is a bug.
Report run(const Options& options, Live& live);

// The same beside the caller, who sends signals meanwhile.
class BackgroundRun {
 public:
  explicit BackgroundRun(Options options);
  ~BackgroundRun();
  BackgroundRun(const BackgroundRun&) = delete;
  BackgroundRun& operator=(const BackgroundRun&) = delete;

  const Live& live() const { return live_; }

  // Ends the run and returns what it saw.
  Report finish();
  // Waits until the run's own limits end it.
  Report wait();

 private:
  Live live_;
  Report report_;
  std::thread thread_;
};

}  // namespace baton::torture
