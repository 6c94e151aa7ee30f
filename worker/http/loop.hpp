// The event loop of one io thread: one epoll set, which everything that the thread waits for enters
// once, and one epoll_wait(2) a turn. Asio's reactor is not used: its waits cost an epoll_ctl(2)
// each, and a set of ours inside of its set wakes it twice for each event (figures:
// docs/architecture.md). What Asio does here are coroutines and the functions that are posted.
//
// Loop and what is entered in it belong to the thread of run(); post() and dispatch() are for any.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/asio_types.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/set.hpp>

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace baton::http {

using Clock = std::chrono::steady_clock;

class Loop;

// Something that has an fd in the loop's epoll set.
class Watched {
 public:
  // As epoll_wait(2) tells them; none after Loop::again(). May destroy this.
  virtual void happened(std::uint32_t events) = 0;

 protected:
  ~Watched() = default;
};

// Calls back once, when a time has come.
class Alarm : public boost::intrusive::set_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Alarm(Loop& loop, std::function<void()> ring) : loop_(loop), ring_(std::move(ring)) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // In place of the time that was set before.
  void set(Clock::time_point when);
  void cancel() { unlink(); }
  bool is_set() const { return is_linked(); }
  Clock::time_point time() const { return when_; }

  friend bool operator<(const Alarm& a, const Alarm& b) { return a.when_ < b.when_; }

 private:
  friend class Loop;
  Loop& loop_;
  std::function<void()> ring_;
  Clock::time_point when_;
};

class Loop {
 public:
  // Throws boost::system::system_error when there is no fd left.
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until stop().
  void run();
  void stop() { io_.stop(); }
  // What can happen without waiting.
  void poll();

  Executor executor() { return io_.get_executor(); }

  // Calls it later, on the loop's thread.
  template <class Function>
  void post(Function function) {
    asio::post(io_, std::move(function));
    if (!is_here()) wake();
  }
  // When this turn's events had come: for deadlines, which need no clock read each.
  Clock::time_point now() const { return now_; }

  // At once if this is the loop's thread.
  template <class Function>
  void dispatch(Function function) {
    asio::dispatch(io_, std::move(function));
    if (!is_here()) wake();
  }

  // Tells `watched` what happens to the fd, by epoll_ctl(2)'s rules, until it is removed. Throws
  // boost::system::system_error when the kernel has no room for it.
  void add(Watched& watched, int fd, std::uint32_t events);
  void remove(const Watched& watched, int fd);
  // For an fd that has left the set by being closed.
  void forget(const Watched& watched);
  // happened(0) after the others have had their turn.
  void again(Watched& watched) { again_.push_back(&watched); }

 private:
  friend class Alarm;
  enum class Wait { no, yes };

  bool is_here() { return io_.get_executor().running_in_this_thread(); }
  void wake();
  // True if anything happened.
  bool turn(Wait wait);
  int patience() const;
  void tell();
  void ring();

  UniqueFd epoll_;
  UniqueFd wake_;
  Clock::time_point now_ = Clock::now();
  std::atomic<bool> woken_ = false;  // another thread has posted something
  boost::intrusive::multiset<Alarm, boost::intrusive::constant_time_size<false>> alarms_;
  std::array<epoll_event, 64> events_{};
  std::size_t next_ = 0;  // of those that are not told yet
  std::size_t count_ = 0;
  std::vector<Watched*> again_;
  std::vector<Watched*> telling_again_;
  // Destroyed first: what is still posted may have to leave the set.
  // Without the hint that one thread runs it: Asio would then keep what a handler posts in a queue
  // of that handler's, and lose count of it in a poll() within.
  asio::io_context io_;
  asio::executor_work_guard<Executor> work_{io_.get_executor()};
};

// Calls back whenever an fd can be read. Borrows the fd.
class ReadableWatch final : private Watched {
 public:
  ReadableWatch(Loop& loop, int fd, std::function<void()> readable);
  ~ReadableWatch() { stop(); }
  ReadableWatch(const ReadableWatch&) = delete;
  ReadableWatch& operator=(const ReadableWatch&) = delete;

  void stop();

 private:
  void happened(std::uint32_t) override { readable_(); }

  Loop& loop_;
  const int fd_;
  std::function<void()> readable_;
  bool stopped_ = false;
};

}  // namespace baton::http
