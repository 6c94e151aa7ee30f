// What `logs` and `events` have in common: the newest lines of a stream, and with -f all that come.
#pragma once

#include "supervisor/ctl/session.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace baton::ctl {

enum class Extent { past, past_and_future };

struct FollowOptions {
  std::size_t count = 100;
  bool follow = false;

  Extent extent() const { return follow ? Extent::past_and_future : Extent::past; }
  std::string query() const;  // "?n=100&follow=0"
};

void add_follow_options(CLI::App& verb, FollowOptions& options);

// Prints every line whose key is `kind`, as JSON or by `format`, until the stream ends or Ctrl-C.
ExitCode show_lines(Session& session, const std::string& path, Extent extent, const char* kind,
                    const std::function<std::string(const Json&)>& format);

// "2026-11-23 13:00:01.123", in local time.
std::string format_time(std::int64_t milliseconds_since_1970);

}  // namespace baton::ctl
