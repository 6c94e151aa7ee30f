// The command line of baton-worker. Plain values; nothing is opened here.
#pragma once

#include "common/duration.hpp"
#include "common/result.hpp"
#include "worker/http/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace baton::worker {

struct Options {
  // Only when run alone: a supervisor brings its own listeners.
  std::vector<std::string> listen;
  std::string admin;  // empty: none; "%p" stands for the pid
  std::string database;
  std::string secret_file;  // empty: the environment variable BATON_JWT_SECRET
  std::string issuer = "baton";
  std::string audience = "baton-worker";
  http::Timeouts timeouts;
  http::ReadLimits limits;
  Duration shutdown_timeout{10'000};
  unsigned threads = 1;
  bool identify = false;
  bool access_log = false;
  std::string log_level = "info";

  // `baton-worker token`: who the token is for, and for how long.
  std::optional<std::string> token_subject;
  Duration token_lifetime{3'600'000};
};

// What is to be done instead of running: --help, --version, or an error. Exit code and text.
struct EarlyExit {
  int code = 0;  // 0: the text belongs on stdout; 2: it is an error, for stderr
  std::string text;
};

// EarlyExit is set, or the options are. Never prints.
std::optional<EarlyExit> parse_options(int argc, const char* const* argv, Options& options);

}  // namespace baton::worker
