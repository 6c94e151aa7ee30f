#include "supervisor/log/line_sink.hpp"

#include "supervisor/log/line.hpp"

#include <climits>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

namespace baton::log {
namespace {

// How long a reader of standard error (a pipe, a terminal, the journal) may keep the supervisor
// waiting. Only the first line waits: while lines are being lost, the next ones are given no time.
constexpr int patience_ms = 50;

}  // namespace

LineSink::LineSink(std::filesystem::path file) : path_(std::move(file)) {}

Result<void> LineSink::open() {
  if (path_.empty()) return {};
  UniqueFd fresh(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640));
  if (!fresh) return system_error("cannot open log file " + path_.string(), errno);
  file_ = std::move(fresh);
  return {};
}

int LineSink::fd() const {
  return file_ ? file_.get() : STDERR_FILENO;
}

void LineSink::sink_it_(const spdlog::details::log_msg& message) {
  std::string line(message.payload.data(), message.payload.size());
  line += '\n';
  if (unreported_ > 0) {
    const std::string notice = format(
        Format::text, {.level = Level::warn,
                       .time = message.time,
                       .text = std::to_string(unreported_) + " log lines could not be written"});
    if (write_line(notice + '\n') == Written::whole) unreported_ = 0;
  }
  if (write_line(line) == Written::whole) return;
  ++lost_;
  ++unreported_;
}

// A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking (pipe(7)), so a longer
// line goes in pieces of that size. What follows a piece that could not be written is lost.
LineSink::Written LineSink::write_line(std::string_view line) {
  while (!line.empty()) {
    if (!file_ && !wait_until_writable()) return Written::not_at_all;
    const std::size_t piece = file_ ? line.size() : std::min<std::size_t>(line.size(), PIPE_BUF);
    const ssize_t n = ::write(fd(), line.data(), piece);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Written::not_at_all;
    line.remove_prefix(static_cast<std::size_t>(n));
  }
  return Written::whole;
}

bool LineSink::wait_until_writable() const {
  pollfd stderr_state{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  const int timeout = unreported_ > 0 ? 0 : patience_ms;
  return ::poll(&stderr_state, 1, timeout) == 1 && (stderr_state.revents & POLLOUT) != 0;
}

}  // namespace baton::log
