// What a developer asks a running worker: /debug/pprof/profile, /heap, /cmdline, /symbol in the
// form that gperftools' pprof reads, and /debug/vars. For a private admin listener only: no token
// is asked for. Builds with a sanitizer have no profiler, and answer 501.
//
//   google-pprof --text http://127.0.0.1:6060/debug/pprof/profile?seconds=5
#pragma once

#include "worker/http/router.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace baton::profiling {

struct Vars {
  std::string version;
  std::uint64_t generation = 0;
  std::uint64_t connections = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t requests = 0;
};

// Adds the routes. `vars` is called from the engine's pool.
void add_routes(http::Router& router, std::function<Vars()> vars);

}  // namespace baton::profiling
