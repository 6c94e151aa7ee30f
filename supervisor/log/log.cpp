#include "supervisor/log/log.hpp"

#include "supervisor/log/line_sink.hpp"

#include <spdlog/logger.h>

namespace baton::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

Result<std::unique_ptr<Log>> Log::open(std::filesystem::path file, Level level, Format format) {
  auto sink = std::make_shared<LineSink>(std::move(file));
  if (auto opened = sink->open(); !opened) return opened.error();
  return std::unique_ptr<Log>(new Log(std::move(sink), level, format));
}

Log::Log(std::shared_ptr<LineSink> sink, Level level, Format format)
    : sink_(sink),
      logger_(std::make_unique<spdlog::logger>("batond", std::move(sink))),
      format_(format) {
  set_level(level);
}

Log::~Log() = default;

void Log::write(const Line& line) {
  const auto level = to_spdlog(line.level);
  if (logger_->should_log(level)) logger_->log(level, format(format_, line));
}

void Log::set_level(Level level) {
  logger_->set_level(to_spdlog(level));
}

Result<void> Log::reopen() {
  return sink_->open();
}

std::uint64_t Log::lost_lines() const {
  return sink_->lost_lines();
}

}  // namespace baton::log
