// tcmalloc, whose samples are the heap profile. It must be the process's allocator from its first
// moment on, and makes that moment three times as long (25 ms of processor time instead of 8, where
// page faults are dear): so only a worker that can be asked for profiles has it, and begins twice.
#pragma once

class MallocExtension;

namespace baton::profiling {

// Null: this process has another one.
MallocExtension* sampling_allocator();

// Replaces the process by itself with tcmalloc preloaded (ld.so(8), LD_PRELOAD): the same pid,
// arguments and file descriptors. Returns if it has it already, and if that can't be done: there is
// no heap profile then, and nothing else is wrong. To be called while there is one thread.
void begin_again_with_sampling_allocator(char** argv);

}  // namespace baton::profiling
