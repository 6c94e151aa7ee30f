// Several file descriptors behind one that is readable when any of them is ready: epoll(7), nested
// in whatever loop the server has. Borrows the fds. One thread.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"

#include <vector>

namespace baton::sdk {

class PollSet {
 public:
  static Result<PollSet> create();

  int fd() const { return epoll_.get(); }
  Result<void> add(int fd);
  // Before it is closed: others may hold its open file, which keeps it in here.
  void remove(int fd);
  // Whether it is ready as well when something can be written to it. Not so at first.
  void watch_writable(int fd, bool wanted);

  // Those that are readable now, or at their end, or writable if that is watched. Does not block.
  std::vector<int> ready() const;

 private:
  explicit PollSet(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
};

}  // namespace baton::sdk
