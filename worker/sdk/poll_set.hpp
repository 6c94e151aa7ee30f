// Several file descriptors behind one that is readable when any of them is: epoll(7), nested in
// whatever loop the server has. Borrows the fds. One thread.
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
  void remove(
      int fd);  // before it is closed: others may hold its open file, which keeps it in here

  // Those that are readable now, or at their end. Does not block.
  std::vector<int> ready() const;

 private:
  explicit PollSet(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
};

}  // namespace baton::sdk
