// The spdlog sink of a Log: whole lines to a file or to standard error, one write(2) each, with a
// bounded patience. spdlog's own file sinks buffer in stdio, throw on a full disk and can't be
// reopened. Not thread-safe.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace baton::log {

class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LineSink(std::filesystem::path file);  // empty: standard error

  Result<void> open();
  std::uint64_t lost_lines() const { return lost_; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

  enum class Written { whole, not_at_all };
  Written write_line(std::string_view line);
  bool wait_until_writable() const;
  int fd() const;

  std::filesystem::path path_;
  UniqueFd file_;
  std::uint64_t lost_ = 0;
  std::uint64_t unreported_ = 0;  // lost since the last line that got through
};

}  // namespace baton::log
