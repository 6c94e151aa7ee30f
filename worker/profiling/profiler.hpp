// gperftools' profilers behind two functions. A build with a sanitizer has none (BATON_PROFILER is
// off): a sanitizer has an allocator and signal handlers of its own. Thread-safe.
#pragma once

#include "common/result.hpp"

#include <chrono>
#include <stop_token>
#include <string>

namespace baton::profiling {

// Profiles the process for that long and returns the profile. Errc::busy: another one is running.
// Errc::not_found: this build has no profiler, or it could not be loaded.
Result<std::string> cpu_profile(std::chrono::seconds duration, std::stop_token cancelled);

// What is allocated now, as sampled by tcmalloc (TCMALLOC_SAMPLE_PARAMETER sets the rate).
// Errc::not_found: as above.
Result<std::string> heap_profile();

}  // namespace baton::profiling
