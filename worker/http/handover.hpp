// Parting with connections: what a draining engine needs to give them to another process.
// Thread-safe where it says so.
#pragma once

#include "common/live_connection.hpp"

#include <atomic>
#include <cstddef>
#include <functional>

namespace baton::http {

// Takes over a connection that is idle, or of which nothing but the next request's first bytes have
// come. Called on the io threads, one at a time in each; settled from any.
using Give = std::function<void(LiveConnection, Settled)>;

// How many connections may still be given, over all io threads. Thread-safe.
class Room {
 public:
  void add(std::size_t count) { left_.fetch_add(count, std::memory_order_relaxed); }
  void close() { left_.store(0, std::memory_order_relaxed); }

  // Takes one place; false when there is none.
  bool take() {
    std::size_t left = left_.load(std::memory_order_relaxed);
    while (left > 0 && !left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
    }
    return left > 0;
  }

 private:
  std::atomic<std::size_t> left_ = 0;
};

}  // namespace baton::http
