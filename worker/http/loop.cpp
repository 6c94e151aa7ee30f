#include "worker/http/loop.hpp"

#include <boost/system/system_error.hpp>

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>

namespace baton::http {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void fail(const char* call) {
  throw boost::system::system_error(errno, boost::system::system_category(), call);
}

}  // namespace

void Alarm::set(Clock::time_point when) {
  unlink();
  when_ = when;
  loop_.alarms_.insert(*this);
}

Loop::Loop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_) fail("epoll_create1");
  if (!wake_) fail("eventfd");
  // Edge-triggered, it tells each write, and need not be read.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) fail("epoll_ctl");
}

// From within a handler: Asio keeps the memory of coroutines for the thread that runs its handlers.
void Loop::run() {
  asio::post(io_, [this] {
    while (!io_.stopped())
      turn(Wait::yes);
  });
  io_.run();
}

void Loop::poll() {
  while (turn(Wait::no)) {
  }
}

bool Loop::turn(Wait wait) {
  std::size_t happened = io_.poll();
  if (io_.stopped()) return false;
  const bool may_wait = wait == Wait::yes && again_.empty();
  const int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                 may_wait ? patience() : 0);
  now_ = Clock::now();
  count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  telling_again_.swap(again_);
  happened += count_ + telling_again_.size();
  // What another thread wants comes before what clients have said meanwhile.
  if (woken_.exchange(false)) io_.poll();
  tell();
  ring();
  return happened > 0;
}

void Loop::tell() {
  while (next_ < count_) {
    const epoll_event event = events_[next_++];
    if (event.data.ptr) static_cast<Watched*>(event.data.ptr)->happened(event.events);
  }
  next_ = count_ = 0;
  for (std::size_t i = 0; i < telling_again_.size(); ++i) {
    if (Watched* watched = std::exchange(telling_again_[i], nullptr)) watched->happened(0);
  }
  telling_again_.clear();
}

// Milliseconds until the next alarm; -1 when there is none.
int Loop::patience() const {
  if (alarms_.empty()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(alarms_.begin()->when_ - Clock::now());
  return static_cast<int>(std::clamp(left, 0ms, std::chrono::milliseconds(1h)).count());
}

void Loop::ring() {
  while (!alarms_.empty() && alarms_.begin()->when_ <= now_) {
    Alarm& due = *alarms_.begin();
    due.unlink();
    due.ring_();  // may destroy it
  }
}

void Loop::wake() {
  if (woken_.exchange(true)) return;
  const std::uint64_t one = 1;
  // Fails when the counter is full, and then it is readable anyway.
  static_cast<void>(::write(wake_.get(), &one, sizeof(one)) == sizeof(one));
}

void Loop::add(Watched& watched, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watched;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

void Loop::remove(const Watched& watched, int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  forget(watched);
}

// One that goes while the others of its turn are told must not be told any more.
void Loop::forget(const Watched& watched) {
  for (std::size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &watched) events_[i].data.ptr = nullptr;
  }
  std::ranges::replace(again_, const_cast<Watched*>(&watched), nullptr);
  std::ranges::replace(telling_again_, const_cast<Watched*>(&watched), nullptr);
}

ReadableWatch::ReadableWatch(Loop& loop, int fd, std::function<void()> readable)
    : loop_(loop), fd_(fd), readable_(std::move(readable)) {
  loop_.add(*this, fd_, EPOLLIN);
}

void ReadableWatch::stop() {
  if (!std::exchange(stopped_, true)) loop_.remove(*this, fd_);
}

}  // namespace baton::http
