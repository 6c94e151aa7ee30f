// A connection to hand over, with the test as its client.
#pragma once

#include "common/live_connection.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>

namespace baton::sdk {

struct Client {
  UniqueFd client;
  LiveConnection server;
};

inline Client connect() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
  return {UniqueFd(ends[0]), {.socket = UniqueFd(ends[1])}};
}

}  // namespace baton::sdk
