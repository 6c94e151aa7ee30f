#include "worker/sdk/poll_set.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace baton::sdk {

Result<PollSet> PollSet::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return system_error("epoll_create1", errno);
  return PollSet(std::move(epoll));
}

Result<void> PollSet::add(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return system_error("epoll_ctl", errno);
  }
  return {};
}

void PollSet::remove(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void PollSet::watch_writable(int fd, bool wanted) {
  epoll_event event{};
  event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

std::vector<int> PollSet::ready() const {
  std::array<epoll_event, 16> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  std::vector<int> fds;
  for (int i = 0; i < count; ++i)
    fds.push_back(events[static_cast<std::size_t>(i)].data.fd);
  return fds;
}

}  // namespace baton::sdk
