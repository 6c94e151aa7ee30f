// One log line and its two written forms. Pure values and functions.
#pragma once

#include "common/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace baton::log {

enum class Level { trace, debug, info, warn, error };
enum class Format { text, json };

std::string_view to_string(Level level);  // "info"

// Errc::invalid_input lists the names that exist.
Result<Level> parse_level(std::string_view name);

// What is not set is left out of the written line. The views are borrowed for the call.
struct Line {
  Level level = Level::info;
  std::chrono::system_clock::time_point time = {};
  std::string_view service = {};
  std::uint64_t generation = 0;
  int pid = 0;
  std::string_view deploy = {};  // "items-4"
  std::string_view kind = {};  // what sort of event it is; only in JSON, the text says it to people
  std::string_view stream = {};  // "out", "err": the line is a worker's own
  std::string_view text = {};
};

// Without a newline, and always one printable line whatever the text holds:
//   2026-11-23T13:00:01.123Z INFO  items g4 pid 812 items-4  cut over: generation 4 accepts
//   {"time":"2026-11-23T13:00:01.123Z","level":"info","service":"items","generation":4,...}
std::string format(Format format, const Line& line);

}  // namespace baton::log
