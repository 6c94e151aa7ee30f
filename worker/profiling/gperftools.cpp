#include "worker/profiling/gperftools.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace baton::profiling {
namespace {

constexpr const char* library = "libtcmalloc_and_profiler.so.4";

// Null: no library that was loaded with the process has it.
template <class Function>
Function* loaded(const char* symbol) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, symbol));
}

}  // namespace

MallocExtension* sampling_allocator() {
  const auto instance = loaded<MallocExtension*()>("_ZN15MallocExtension8instanceEv");
  return instance ? instance() : nullptr;
}

std::optional<CpuProfiler> cpu_profiler() {
  const CpuProfiler profiler{loaded<int(const char*)>("ProfilerStart"),
                             loaded<void()>("ProfilerStop")};
  if (!profiler.start || !profiler.stop) return std::nullopt;
  return profiler;
}

void begin_again_with_profilers(char** argv) {
  if (!BATON_PROFILER) return;
  const char* const preloaded = std::getenv("LD_PRELOAD");
  const std::string others = preloaded ? preloaded : "";
  // It was tried: there is no such library here.
  if (cpu_profiler() || others.find(library) != std::string::npos) return;
  std::error_code ec;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ec);
  if (ec) return;
  ::setenv("LD_PRELOAD", (others.empty() ? library : library + (":" + others)).c_str(), 1);
  ::execv(program.c_str(), argv);
}

}  // namespace baton::profiling
