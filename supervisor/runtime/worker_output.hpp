// One of a worker's two output pipes, line by line.
//
// A worker that floods it harms nobody: each turn of the event loop reads a bounded piece, and over
// a sustained rate the pipe is left alone for a moment, so that the worker waits in its own
// write(2). One thread; on_line must not destroy this.
#pragma once

#include "supervisor/runtime/alarm.hpp"
#include "supervisor/runtime/fd_watch.hpp"
#include "supervisor/runtime/line_splitter.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace baton::runtime {

class WorkerOutput {
 public:
  // `pipe` is a non-blocking read end. A line is raw bytes, bounded as LineSplitter does it.
  WorkerOutput(boost::asio::io_context& io, UniqueFd pipe, LineSplitter::OnLine on_line);

  // The worker has ended: takes what is still in the pipe and lets go of it, even if somebody else,
  // a grandchild perhaps, holds its other end open.
  void finish();

 private:
  enum class Turn { drained, more, ended };

  void watch();
  Turn read_some();
  void on_readable();
  bool over_the_rate();

  LineSplitter lines_;
  std::optional<FdWatch> pipe_;  // empty after end of file
  Alarm rest_;
  std::size_t line_count_ = 0;  // in the present period
  std::size_t byte_count_ = 0;
  std::chrono::steady_clock::time_point period_end_;
};

}  // namespace baton::runtime
