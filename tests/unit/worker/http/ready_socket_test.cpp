// Waiting for sockets: what is told once is remembered, and what has gone is not told any more.
#include "worker/http/ready_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace baton::http {
namespace {

using Until = ReadySocket::Until;

class ReadySockets : public testing::Test {
 protected:
  struct Pair {
    UniqueFd client;
    std::unique_ptr<ReadySocket> server;
  };

  Pair connect() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    Pair pair{UniqueFd(ends[0]), std::make_unique<ReadySocket>(loop_)};
    pair.server->assign(UniqueFd(ends[1]), ReadySocket::Owners::one);
    return pair;
  }

  // Waits in a coroutine; what it came to is noted.
  void wait(ReadySocket& socket, Until until) {
    asio::co_spawn(
        loop_.executor(),
        [this, &socket, until]() -> Awaitable<void> {
          told_.push_back(co_await socket.wait(until) ? "ready" : "cancelled");
        },
        asio::detached);
    run();
  }

  void run() { loop_.poll(); }

  std::vector<std::string> told() { return std::exchange(told_, {}); }
  using Told = std::vector<std::string>;

  Loop loop_;
  std::vector<std::string> told_;
  std::array<char, 8> space_{};
};

TEST_F(ReadySockets, AWaitEndsWhenSomethingComes) {
  Pair pair = connect();
  wait(*pair.server, Until::readable);
  EXPECT_EQ(told(), Told{});
  ::send(pair.client.get(), "abc", 3, 0);
  run();
  EXPECT_EQ(told(), Told{"ready"});
  EXPECT_EQ(pair.server->receive(space_), 3);
}

TEST_F(ReadySockets, AfterAShortReadTheNextWaitWaits) {
  Pair pair = connect();
  ::send(pair.client.get(), "abc", 3, 0);
  run();
  EXPECT_EQ(pair.server->receive(space_), 3);
  wait(*pair.server, Until::readable);
  EXPECT_EQ(told(), Told{});
  ::send(pair.client.get(), "d", 1, 0);
  run();
  EXPECT_EQ(told(), Told{"ready"});
}

TEST_F(ReadySockets, AfterAFullReadThereMayBeMore) {
  Pair pair = connect();
  ::send(pair.client.get(), "0123456789", 10, 0);
  run();
  EXPECT_EQ(pair.server->receive(space_), 8);
  wait(*pair.server, Until::readable);
  EXPECT_EQ(told(), Told{"ready"});
  EXPECT_EQ(pair.server->receive(space_), 2);
}

TEST_F(ReadySockets, WhatCameBeforeTheSocketIsTold) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  const UniqueFd client(ends[0]);
  ::send(client.get(), "abc", 3, 0);
  ReadySocket server(loop_);
  server.assign(UniqueFd(ends[1]), ReadySocket::Owners::several);
  wait(server, Until::readable);
  EXPECT_EQ(told(), Told{"ready"});
}

TEST_F(ReadySockets, TheClientHearsTheEndThoughAnotherProcessHoldsTheSocket) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  const UniqueFd client(ends[0]);
  const UniqueFd held_elsewhere(::dup(ends[1]));
  ReadySocket server(loop_);
  server.assign(UniqueFd(ends[1]), ReadySocket::Owners::several);
  EXPECT_EQ(::recv(client.get(), space_.data(), space_.size(), 0), -1);
  server.close();
  EXPECT_EQ(::recv(client.get(), space_.data(), space_.size(), 0), 0);
}

TEST_F(ReadySockets, TheEndIsReadableForEver) {
  Pair pair = connect();
  pair.client.reset();
  for (int i = 0; i < 3; ++i) {
    wait(*pair.server, Until::readable);
    EXPECT_EQ(told(), Told{"ready"});
    EXPECT_EQ(pair.server->receive(space_), 0);
  }
}

TEST_F(ReadySockets, AnEndBehindDataIsNotForgottenByAShortRead) {
  Pair pair = connect();
  ::send(pair.client.get(), "abc", 3, 0);
  pair.client.reset();
  run();
  EXPECT_EQ(pair.server->receive(space_), 3);
  wait(*pair.server, Until::readable);
  EXPECT_EQ(told(), Told{"ready"});
  EXPECT_EQ(pair.server->receive(space_), 0);
}

TEST_F(ReadySockets, TwoPiecesArriveAsOne) {
  Pair pair = connect();
  EXPECT_EQ(pair.server->send("head ", "body"), 9);
  EXPECT_EQ(pair.server->send("", " rest"), 5);
  std::string heard(32, '\0');
  heard.resize(static_cast<std::size_t>(::recv(pair.client.get(), heard.data(), heard.size(), 0)));
  EXPECT_EQ(heard, "head body rest");
}

TEST_F(ReadySockets, AFullSocketIsWaitedForUntilItIsRead) {
  Pair pair = connect();
  std::string much(1 << 20, 'x');
  while (pair.server->send(much) > 0) {
  }
  wait(*pair.server, Until::writable);
  EXPECT_EQ(told(), Told{});
  while (::recv(pair.client.get(), much.data(), much.size(), 0) > 0) {
  }
  run();
  EXPECT_EQ(told(), Told{"ready"});
}

TEST_F(ReadySockets, ACancelledWaitSaysSo) {
  Pair pair = connect();
  pair.server->cancel();  // nothing waits: nothing happens
  wait(*pair.server, Until::readable);
  pair.server->cancel();
  run();
  EXPECT_EQ(told(), Told{"cancelled"});
}

TEST_F(ReadySockets, AWatchIsToldOnceAndAtOnceIfThereIsSomething) {
  Pair pair = connect();
  int times = 0;
  pair.server->watch([&] { ++times; });
  run();
  EXPECT_EQ(times, 0);
  ::send(pair.client.get(), "a", 1, 0);
  run();
  ::send(pair.client.get(), "b", 1, 0);
  run();
  EXPECT_EQ(times, 1);
  pair.server->watch([&] { ++times; });
  EXPECT_EQ(times, 2);
  EXPECT_EQ(pair.server->receive(space_, MSG_PEEK), 2);
  EXPECT_EQ(pair.server->receive(space_), 2);
}

TEST_F(ReadySockets, OneThatIsReleasedIsNotToldAnyMore) {
  Pair pair = connect();
  const UniqueFd socket = pair.server->release();
  ::send(pair.client.get(), "a", 1, 0);
  pair.server.reset();
  run();
  EXPECT_EQ(::recv(socket.get(), space_.data(), space_.size(), 0), 1);
}

TEST_F(ReadySockets, OneThatAnotherEndsInTheSameBatchIsNotToldAnyMore) {
  Pair first = connect();
  Pair second = connect();
  int told = 0;
  first.server->watch([&] { ++told, second.server.reset(); });
  second.server->watch([&] { ++told, first.server.reset(); });
  ::send(first.client.get(), "a", 1, 0);
  ::send(second.client.get(), "a", 1, 0);
  run();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace baton::http
