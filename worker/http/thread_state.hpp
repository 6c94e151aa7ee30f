// What the connections and acceptors of one io thread share, and nobody else touches: no locks on
// the request path. Only the counters are read from other threads.
#pragma once

#include "worker/http/deadline_queue.hpp"
#include "worker/http/handover.hpp"
#include "worker/http/loop.hpp"
#include "worker/http/response_head.hpp"
#include "worker/http/router.hpp"
#include "worker/http/settings.hpp"
#include "worker/http/workspace.hpp"

#include <boost/asio/thread_pool.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace baton::http {

class Connection;

// Written by one thread, read by any.
class Counter {
 public:
  void add(std::int64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const {
    return static_cast<std::uint64_t>(value_.load(std::memory_order_relaxed));
  }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

struct Counters {
  Counter connections;  // open now
  Counter in_flight;    // requests of which the first byte has come, and not gone the last
  Counter requests;     // answered
  Counter errors;       // of those, with a 5xx status
};

// For what the drain's deadline cuts.
struct ConnectionHook;
using ConnectionListHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<ConnectionHook>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

enum class Draining {
  no,
  handing_over,  // connections go to another process, and are not told to close
  closing,       // with the next answer
};

struct ThreadState {
  ThreadState(Loop& loop_of_thread, asio::thread_pool& thread_pool, const Router& routes,
              const Settings& engine_settings, Room& room_of_all);

  Loop& loop;
  asio::thread_pool& pool;
  const Router& router;
  const Settings& settings;
  Room& room;                       // while handing over
  const std::string identity_line;  // "X-Worker: 3.4711\r\n", or nothing

  DeadlineQueue header_deadlines;
  DeadlineQueue read_deadlines;
  DeadlineQueue write_deadlines;
  DeadlineQueue idle_deadlines;
  DeadlineQueue linger_deadlines;
  WorkspacePool workspaces;
  DateText date;
  Counters counters;
  Draining draining = Draining::no;
  Give give;                        // empty: nobody takes
  std::function<void()> on_closed;  // a connection has gone, and its fd with it
};

}  // namespace baton::http
