// A running batond under test. Its log, in JSON on standard error, is what tests wait on. Owns the
// process. Used by one thread.
#pragma once

#include "common/net/address.hpp"
#include "tests/support/child.hpp"
#include "tests/support/site.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace baton::testing {

struct LogEntry {
  std::string time;
  std::string level;
  std::string kind;
  std::string service;
  std::uint64_t generation = 0;
  int pid = 0;
  std::string stream;
  std::string text;
};

class Batond {
 public:
  // Starts it on the site's config file, which must be written. `wrapper` is a command that
  // batond's own is appended to (unshare, for one).
  explicit Batond(const Site& site, std::vector<std::string> wrapper = {});

  Child& process() { return process_; }
  pid_t pid() const { return process_.pid(); }
  void hang_up() { process_.signal(SIGHUP); }
  // SIGTERM; the exit code, or nothing when it did not end.
  std::optional<int> stop();

  // The first entry of that kind, from the start of the log, so that what has happened already is
  // found too. Nothing when it did not come in time.
  std::optional<LogEntry> wait_for(const std::string& kind, std::uint64_t generation = 0,
                                   const std::string& service = {});
  std::optional<LogEntry> wait_for(const std::function<bool(const LogEntry&)>& fits,
                                   std::size_t from = 0);
  std::vector<LogEntry> entries(const std::string& kind = {});
  std::size_t log_size() { return process_.err().count(); }

  // Where a listener is bound, with the port that the kernel has picked.
  net::Address address(const std::string& listener);

  // batonctl with these arguments, on this batond's socket.
  Command ctl_command(std::vector<std::string> arguments) const;
  Ran ctl(std::vector<std::string> arguments) const;
  // "batonctl -o json status"; null when it failed.
  nlohmann::json status() const;

 private:
  const Site& site_;
  Child process_;
};

// Milliseconds between the times of two entries.
std::chrono::milliseconds between(const LogEntry& first, const LogEntry& second);

}  // namespace baton::testing
