#include "supervisor/runtime/orphan_reaper.hpp"

#include <sys/wait.h>

namespace baton::runtime {

unsigned OrphanReaper::reap() const {
  for (unsigned count = 0;; ++count) {
    siginfo_t next{};
    const int found = ::waitid(P_ALL, 0, &next, WEXITED | WNOHANG | WNOWAIT);
    if (found != 0 || next.si_pid == 0 || is_ours_(next.si_pid)) return count;
    ::waitid(P_PID, static_cast<id_t>(next.si_pid), &next, WEXITED | WNOHANG);
  }
}

}  // namespace baton::runtime
