// The supervisor's end of a worker's channel. What is sent waits in the channel until the worker
// reads it, so that a worker in the same thread needs no second one.
#pragma once

#include "common/ipc/message_channel.hpp"
#include "common/protocol/codec.hpp"
#include "tests/support/child.hpp"

#include <gtest/gtest.h>

#include <poll.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baton::sdk {

class SupervisorEnd {
 public:
  SupervisorEnd() {
    auto ends = ipc::make_channel().value();
    ours_ = std::move(ends.first);
    theirs_ = std::move(ends.second);
  }

  // What BATON_FD is to name.
  UniqueFd& workers_end() { return theirs_; }

  void say(const protocol::FromSupervisor& message, const std::vector<int>& fds = {}) {
    say_bytes(protocol::encode(message), fds);
  }
  void say_bytes(const std::string& bytes, const std::vector<int>& fds = {}) {
    ASSERT_TRUE(ipc::send(ours_, bytes, fds));
  }

  // The worker's next message; waits for it.
  template <class Message>
  Message hear() {
    pollfd readable{ours_.get(), POLLIN, 0};
    ::poll(&readable, 1, static_cast<int>(std::chrono::milliseconds(testing::patience).count()));
    const auto message = ipc::receive(ours_).value();
    return std::get<Message>(protocol::decode_from_worker(message.bytes).value());
  }

  // Whether the worker has said nothing that was not heard yet.
  bool silence() { return ipc::receive(ours_).error().code == Errc::would_block; }

  void die() { ours_.reset(); }

 private:
  UniqueFd ours_;
  UniqueFd theirs_;
};

inline protocol::Listeners listeners(std::vector<std::string> names) {
  return {
      .version = protocol::version, .capabilities = {}, .generation = 7, .names = std::move(names)};
}

}  // namespace baton::sdk
