// A channel with both of its ends in this process, and fds to send over it.
#pragma once

#include "common/ipc/message_channel.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

namespace baton::ipc {

class Channel : public ::testing::Test {
 protected:
  void SetUp() override {
    auto ends = make_channel().value();
    ours_ = std::move(ends.first);
    theirs_ = std::move(ends.second);
  }

  // The same fd so often; it is borrowed as often.
  static std::vector<int> repeated(const UniqueFd& fd, std::size_t count) {
    return std::vector<int>(count, fd.get());
  }

  static UniqueFd open_null() { return UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

  UniqueFd ours_;
  UniqueFd theirs_;
};

}  // namespace baton::ipc
