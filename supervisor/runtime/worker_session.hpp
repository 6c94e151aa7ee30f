// The supervisor's end of one worker's protocol channel: sends what the worker is told, and turns
// what it says into the core's events. Never blocks and never waits for a worker: one that does not
// read its channel, talks nonsense, speaks out of order or sends file descriptors is reported as
// failed, once, with a reason that continues "a worker ...", and is not listened to any more. One
// thread; `on_event` and `on_progress` must not destroy this.
#pragma once

#include "supervisor/core/event.hpp"
#include "supervisor/runtime/alarm.hpp"
#include "supervisor/runtime/conversation.hpp"
#include "supervisor/runtime/fd_watch.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baton::runtime {

struct SessionCallbacks {
  std::function<void(core::Event)> on_event;
  std::function<void(const protocol::Progress&)> on_progress;
};

// What a worker must understand to be of use.
struct Required {
  bool lanes = false;
  bool probe = false;
};

class WorkerSession {
 public:
  WorkerSession(boost::asio::io_context& io, UniqueFd channel, core::WorkerId worker,
                Required required, SessionCallbacks callbacks);

  // The fds are borrowed for the call, in the order of the names. The version is filled in.
  void send_listeners(protocol::Listeners message, std::span<const int> fds);
  // The fds are borrowed for the call.
  void send(const protocol::FromSupervisor& message, std::span<const int> fds = {});

  bool connected() const { return channel_ && conversation_.greeted(); }
  // It understands hand_over and adopt.
  bool can_hand_over() const { return connected() && can_hand_over_; }

  // The process has ended: hears what it said last. The end of the channel is then no news.
  void finish();

 private:
  enum class Turn { nothing_more, more };

  void watch();
  void on_readable();
  Turn hear_one();
  void hear(const protocol::FromWorker& message);
  void hear(const protocol::Hello& hello);
  void on_end();
  void fail(std::string reason);

  core::WorkerId worker_;
  Required required_;
  SessionCallbacks callbacks_;
  std::optional<FdWatch> channel_;  // empty when the session is over
  Alarm end_;                       // gives the process a moment to end after its channel did
  bool ended_ = false;              // the worker has closed its end
  Conversation conversation_;
  int version_ = protocol::version;
  bool can_hand_over_ = false;
};

}  // namespace baton::runtime
