// One io thread: its io_context, its acceptors, its connections. What others want of it is posted
// to it; nothing is shared but the counters.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/acceptor.hpp"
#include "worker/http/connection.hpp"
#include "worker/http/server.hpp"
#include "worker/http/thread_state.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace baton::http {

class IoThread {
 public:
  IoThread(asio::thread_pool& pool, const Router& router, const Settings& settings, Room& room);
  // Cuts what is open and joins the thread.
  ~IoThread();

  // The following are called from other threads and take effect on this one.
  void activate(std::vector<UniqueFd> listeners, std::function<void()> done);
  void drain(DrainOrder order, std::function<void(DrainReport)> done);
  // In a drain that hands over: the Room has grown, or nobody takes any more.
  void give_away();
  void keep();
  void adopt(LiveConnection connection);
  void cut();
  void stop();

  const Counters& counters() const { return state_.counters; }

 private:
  void accept_from(UniqueFd listener);
  void serve(LiveConnection connection);
  void begin_drain(DrainOrder order);
  void await_deadline(Duration closing_time);
  void cut_all();
  void look_whether_done();

  asio::io_context io_{1};
  asio::executor_work_guard<Executor> work_;
  ThreadState state_;
  boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionListHook>,
                         boost::intrusive::constant_time_size<false>>
      connections_;
  std::vector<std::shared_ptr<Acceptor>> acceptors_;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> drain_deadline_;
  std::function<void(DrainReport)> on_drained_;  // set while a drain is under way
  DrainReport report_;
  std::uint64_t requests_before_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace baton::http
