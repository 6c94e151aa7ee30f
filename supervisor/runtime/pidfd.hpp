// pidfd_send_signal(2). Raw, because glibc 2.36's <sys/pidfd.h> forgets extern "C".
#pragma once

#include "common/unique_fd.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace baton::runtime {

// A process that has already ended is no error to us.
inline void send_signal(const UniqueFd& pidfd, int number) {
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), number, nullptr, 0);
}

}  // namespace baton::runtime
