// One worker process from its birth to its reaping. Watched and signalled through its pidfd, so a
// reused pid can't be meant. One thread.
//
// When the process ends, what it left behind in its process group is killed before it is reaped:
// until then nobody else can have that group's number.
#pragma once

#include "supervisor/core/types.hpp"
#include "supervisor/runtime/fd_watch.hpp"

#include <sys/types.h>

#include <functional>

namespace baton::runtime {

class WorkerProcess {
 public:
  // `on_exit` is called once, from the event loop, and may destroy this.
  WorkerProcess(boost::asio::io_context& io, pid_t pid, UniqueFd pidfd,
                std::function<void(core::ExitStatus)> on_exit);
  // A process that still runs is killed with its group, and waited for: nothing is left behind.
  ~WorkerProcess();

  pid_t pid() const { return pid_; }

  // A process that has already ended is no error: its exit is about to be reported.
  void signal(int number) const;

 private:
  void ended();
  core::ExitStatus reap();

  pid_t pid_;
  bool reaped_ = false;
  FdWatch pidfd_;
  std::function<void(core::ExitStatus)> on_exit_;
};

}  // namespace baton::runtime
