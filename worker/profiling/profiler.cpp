#include "worker/profiling/profiler.hpp"

#include "common/unique_fd.hpp"
#include "worker/profiling/gperftools.hpp"

#if BATON_PROFILER
#include <gperftools/malloc_extension.h>

#include <fcntl.h>
#include <stdlib.h>

#include <cerrno>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#endif

namespace baton::profiling {

#if BATON_PROFILER

namespace {

std::mutex one_at_a_time;

Error not_loaded() {
  return {Errc::not_found, "gperftools could not be loaded: install libgoogle-perftools4"};
}

// Until then, or until nobody waits for the profile any more.
void sleep_until_done(std::chrono::seconds duration, std::stop_token cancelled) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, std::move(cancelled), duration, [] { return false; });
}

}  // namespace

Result<std::string> cpu_profile(std::chrono::seconds duration, std::stop_token cancelled) {
  const auto profiler = cpu_profiler();
  if (!profiler) return not_loaded();
  const std::unique_lock lock(one_at_a_time, std::try_to_lock);
  if (!lock) return Error{Errc::busy, "a profile is being taken already"};

  // The profiler writes to a path and nothing else.
  char path[] = "/tmp/baton-profile-XXXXXX";
  const UniqueFd file(::mkostemp(path, O_CLOEXEC));
  if (!file) return system_error("cannot make a file for the profile in /tmp", errno);
  std::ostringstream profile;
  if (profiler->start(path)) {
    sleep_until_done(duration, std::move(cancelled));
    profiler->stop();
    profile << std::ifstream(path, std::ios::binary).rdbuf();
  }
  ::unlink(path);
  if (profile.str().empty()) return Error{Errc::system, "the profiler did not start"};
  return profile.str();
}

Result<std::string> heap_profile() {
  MallocExtension* const allocator = sampling_allocator();
  if (!allocator) return not_loaded();
  std::string sample;
  allocator->GetHeapSample(&sample);
  if (sample.empty()) return Error{Errc::system, "the allocator gave no heap sample"};
  return sample;
}

#else

Result<std::string> cpu_profile(std::chrono::seconds, std::stop_token) {
  return Error{Errc::not_found, "this build has no profiler (it has a sanitizer)"};
}

Result<std::string> heap_profile() {
  return Error{Errc::not_found, "this build has no profiler (it has a sanitizer)"};
}

#endif

}  // namespace baton::profiling
