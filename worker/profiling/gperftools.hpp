// gperftools' profilers, loaded into the process and not linked with it. Its allocator, whose
// samples are the heap profile, must be there from the first moment on, and makes that moment three
// times as long (25 ms of processor time instead of 8, where page faults are dear); the profiler of
// the processor adds a library and three that it needs. So only a worker that can be asked for
// profiles has them, and begins twice. Thread-safe, but for begin_again_with_profilers().
#pragma once

#include <optional>

class MallocExtension;

namespace baton::profiling {

// Null: this process has another one.
MallocExtension* sampling_allocator();

// ProfilerStart() and ProfilerStop() of gperftools/profiler.h.
struct CpuProfiler {
  int (*start)(const char* path);
  void (*stop)();
};
// Nothing: this process does not have it.
std::optional<CpuProfiler> cpu_profiler();

// Replaces the process by itself with the profilers preloaded (ld.so(8), LD_PRELOAD): the same pid,
// arguments and file descriptors. Returns if it has them already, and if that can't be done: there
// are no profiles then, and nothing else is wrong. To be called while there is one thread.
void begin_again_with_profilers(char** argv);

}  // namespace baton::profiling
