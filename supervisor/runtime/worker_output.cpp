#include "supervisor/runtime/worker_output.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace baton::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t bytes_per_turn = 8 * 1024;
// What one stream may print, sustained: 50,000 lines or 10 MiB a second.
constexpr std::chrono::milliseconds period{100};
constexpr std::size_t lines_per_period = 5'000;
constexpr std::size_t bytes_per_period = 1 << 20;
// A pipe holds this much unless somebody asked for more (pipe(7)).
constexpr std::size_t most_left_in_a_pipe = 64 * 1024;

}  // namespace

WorkerOutput::WorkerOutput(boost::asio::io_context& io, UniqueFd pipe, LineSplitter::OnLine on_line)
    : lines_([this, on_line = std::move(on_line)](std::string line) {
        ++line_count_;
        on_line(std::move(line));
      }),
      rest_(io) {
  pipe_.emplace(io, std::move(pipe));
  watch();
}

void WorkerOutput::watch() {
  pipe_->when_readable([this] { on_readable(); });
}

void WorkerOutput::on_readable() {
  if (read_some() == Turn::ended) {
    lines_.finish();
    pipe_.reset();
  } else if (over_the_rate()) {
    rest_.set(period_end_, [this] { watch(); });
  } else {
    watch();
  }
}

void WorkerOutput::finish() {
  rest_.clear();
  const std::size_t before = byte_count_;
  while (pipe_ && byte_count_ - before < most_left_in_a_pipe && read_some() == Turn::more) {
  }
  lines_.finish();
  pipe_.reset();
}

WorkerOutput::Turn WorkerOutput::read_some() {
  std::array<char, bytes_per_turn> buffer;
  const ssize_t n = ::read(pipe_->fd().get(), buffer.data(), buffer.size());
  if (n < 0 && errno == EINTR) return Turn::more;
  if (n < 0 && errno == EAGAIN) return Turn::drained;
  if (n <= 0) return Turn::ended;
  byte_count_ += static_cast<std::size_t>(n);
  lines_.feed(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
  return Turn::more;
}

bool WorkerOutput::over_the_rate() {
  const auto now = Clock::now();
  if (now >= period_end_) {
    period_end_ = now + period;
    line_count_ = 0;
    byte_count_ = 0;
  }
  return line_count_ >= lines_per_period || byte_count_ >= bytes_per_period;
}

}  // namespace baton::runtime
