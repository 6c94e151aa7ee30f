// Reaps what was left to us: as PID 1 of a container, batond becomes the parent of every process
// whose own parent has ended (waitid(2)). Without this they stay zombies for ever. One thread.
#pragma once

#include <sys/types.h>

#include <functional>

namespace baton::runtime {

class OrphanReaper {
 public:
  // `is_ours` tells the workers, whose ends are waited for elsewhere, from the orphans.
  explicit OrphanReaper(std::function<bool(pid_t)> is_ours) : is_ours_(std::move(is_ours)) {}

  // Reaps every orphan that has ended. Call it on SIGCHLD, and after a worker was reaped: a worker
  // that is still to be reaped hides those behind it. Returns how many; never blocks.
  unsigned reap() const;

 private:
  std::function<bool(pid_t)> is_ours_;
};

}  // namespace baton::runtime
