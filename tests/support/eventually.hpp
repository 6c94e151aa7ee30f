// For what no event announces (a file of /proc, somebody else's state): looks until it is so.
#pragma once

#include <chrono>
#include <thread>

namespace baton::testing {

// True as soon as `holds()` is, false when it is not within `limit`.
template <class Predicate>
bool eventually(Predicate holds, std::chrono::milliseconds limit = std::chrono::seconds{30}) {
  const auto give_up = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

}  // namespace baton::testing
