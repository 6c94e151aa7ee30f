// What one io thread has: its loop, its acceptors, its connections. What others want of it is
// posted to it; nothing is shared but the counters.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/acceptor.hpp"
#include "worker/http/connection.hpp"
#include "worker/http/loop.hpp"
#include "worker/http/probe_door.hpp"
#include "worker/http/server.hpp"
#include "worker/http/thread_state.hpp"

#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace baton::http {

// A listener to accept from, by its number in the server.
struct Door {
  std::size_t number = 0;
  UniqueFd listener;
};

class IoThread {
 public:
  IoThread(asio::thread_pool& pool, const Router& router, const Settings& settings, Room& room);

  // The thread itself: returns once stop() has ended everything.
  void run() { loop_.run(); }
  Loop& loop() { return loop_; }

  // The following are called from any thread and take effect on this one, later.
  // Accepts from these and from no others.
  void activate(std::vector<Door> doors, std::function<void()> done);
  void serve_probes(UniqueFd listener);
  // With Backlog::serve the queues of `also` are emptied too.
  void drain(DrainOrder order, std::vector<Door> also, std::function<void(DrainReport)> done);
  // In a drain that hands over: the Room has grown, or nobody takes any more.
  void give_away();
  void keep();
  void adopt(LiveConnection connection);
  void cut();
  void stop();

  const Counters& counters() const { return state_.counters; }

 private:
  struct OpenDoor {
    std::size_t number = 0;
    std::unique_ptr<Acceptor> acceptor;
    bool closing = false;
  };

  void accept_from(Door door);
  bool accepts_from(std::size_t door) const;
  static void close_door(OpenDoor& door);
  // A fresh socket or a LiveConnection.
  template <class Begun>
  void serve(Begun connection);
  void begin_drain(DrainOrder order, std::vector<Door> also);
  void deadline_has_come();
  void cut_all();
  void look_whether_done();

  Loop loop_;
  ThreadState state_;
  boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionListHook>,
                         boost::intrusive::constant_time_size<false>>
      connections_;
  std::list<OpenDoor> doors_;
  std::unique_ptr<ProbeDoor> probes_;
  Alarm drain_deadline_;
  Duration closing_time_{0};  // between the deadline of the handover and that of the drain
  std::function<void(DrainReport)> on_drained_;  // set while a drain is under way
  DrainReport report_;
  std::uint64_t requests_before_ = 0;
  bool stopping_ = false;
};

}  // namespace baton::http
