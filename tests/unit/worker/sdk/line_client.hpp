// A client of a worker under test: says text, hears lines. Fails the test when it can't.
#pragma once

#include "common/unique_fd.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <string>

namespace baton::sdk {

class LineClient {
 public:
  explicit LineClient(const UniqueFd& listener)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    const timeval limit{30, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }

  void say(const std::string& text) {
    EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  // Up to the end of a line; what has come when the connection ends.
  std::string hear() {
    std::string line;
    char next = 0;
    while (!line.ends_with('\n') && ::recv(socket_.get(), &next, 1, 0) == 1)
      line += next;
    return line;
  }

 private:
  UniqueFd socket_;
};

}  // namespace baton::sdk
