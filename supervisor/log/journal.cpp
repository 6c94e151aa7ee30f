#include "supervisor/log/journal.hpp"

#include "supervisor/log/printable.hpp"

#include <chrono>

namespace baton::log {
namespace {

using Clock = std::chrono::system_clock;

constexpr RingLimits event_limits{.count = 2'000, .text_bytes = 1 << 20};
constexpr RingLimits line_limits{.count = 20'000, .text_bytes = 4 << 20};

std::int64_t since_1970(Clock::time_point time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

Journal::Journal(Log& log) : log_(log), events_(event_limits), lines_(line_limits) {}

void Journal::record(Level level, admin::Event event) {
  const auto now = Clock::now();
  event.time_ms = since_1970(now);
  event.level = to_string(level);
  event.text = printable(event.text);
  log_.write({.level = level,
              .time = now,
              .service = event.service,
              .generation = event.generation,
              .pid = event.pid,
              .deploy = event.deploy,
              .kind = event.kind,
              .text = event.text});
  events_.push(std::move(event));
}

void Journal::print(admin::LogLine line) {
  const auto now = Clock::now();
  line.time_ms = since_1970(now);
  line.text = printable(line.text);
  log_.write({.level = Level::info,
              .time = now,
              .service = line.service,
              .generation = line.generation,
              .pid = line.pid,
              .stream = line.stream,
              .text = line.text});
  lines_.push(std::move(line));
}

void Journal::write(Level level, std::string_view text) {
  log_.write({.level = level, .time = Clock::now(), .text = text});
}

}  // namespace baton::log
