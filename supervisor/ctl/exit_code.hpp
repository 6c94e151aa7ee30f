// What batonctl exits with: a contract, deploy scripts depend on it (docs/batonctl.md).
#pragma once

#include "common/result.hpp"

#include <string>

namespace baton::ctl {

enum class ExitCode {
  done = 0,
  failed = 1,
  usage = 2,
  not_running = 3,  // `status`: something is not (LSB)
  not_permitted = 4,
  bad_config = 6,
  no_supervisor = 7,
  timed_out = 124,
  interrupted = 130,
  failed_old_serving = 150,
  degraded = 151,
  busy = 152,
  superseded = 153,
};

// Of the outcome of an operation, as the admin API words it.
ExitCode exit_code_of(const std::string& outcome);

// Of what went wrong on the way to the supervisor, or with a request.
ExitCode exit_code_of(const Error& error);

}  // namespace baton::ctl
