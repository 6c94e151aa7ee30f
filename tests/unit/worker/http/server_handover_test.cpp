// Connections that leave one engine in a drain and go on in another, seen from the client: the same
// connection, every request answered once, none told to close.
#include "tests/unit/worker/http/test_server.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <utility>

namespace baton::http::testing {
namespace {

constexpr Duration hour{3'600'000};
constexpr Duration minute{60'000};

Settings named(const char* identity, unsigned threads = 1) {
  return {.timeouts = {.read_header = hour, .read = hour, .write = hour, .idle = minute},
          .threads = threads,
          .identity = identity};
}

std::string who_answered(const ClientResponse& response) {
  return response.headers.at("x-worker");
}

bool told_to_close(const ClientResponse& response) {
  return response.headers.contains("connection");
}

// Connections that were given and not settled yet.
class InBetween {
 public:
  struct Item {
    LiveConnection connection;
    Settled settled;
  };

  Give give() {
    return [this](LiveConnection connection, Settled settled) {
      const std::scoped_lock lock(mutex_);
      items_.push_back({std::move(connection), std::move(settled)});
      changed_.notify_one();
    };
  }

  Item take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !items_.empty(); });
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
};

class ServerHandover : public ::testing::Test {
 protected:
  // A drain of the old one that gives to whatever `take` does.
  std::future<DrainReport> drain(Give give, std::size_t room = 100) {
    auto report = old_.drain({.timeout = hour, .give = std::move(give)});
    if (room > 0) old_.server->give(room);
    return report;
  }

  Give to_new() {
    return [this](LiveConnection connection, const Settled& settled) {
      new_.server->adopt(std::move(connection));
      settled(std::nullopt);
    };
  }

  void serve_one(TestClient& client, const char* by) {
    const ClientResponse response = client.get("/");
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(who_answered(response), by);
    EXPECT_FALSE(told_to_close(response));
  }

  TestServer old_{named("old")};
  TestServer new_{named("new")};
  InBetween between_;
};

TEST_F(ServerHandover, AnIdleConnectionGoesOnElsewhere) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  auto drained = drain(to_new());
  EXPECT_EQ(drained.get().closed_connections, 0u);
  serve_one(client, "new");
  serve_one(client, "new");
}

TEST_F(ServerHandover, ARequestInFlightIsAnsweredWithoutACloseAndItsConnectionFollows) {
  TestClient client = old_.connect();
  client.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  old_.gate.wait_for_arrival();
  auto drained = drain(to_new());
  old_.gate.open();
  const ClientResponse response = client.receive().value();
  EXPECT_EQ(who_answered(response), "old");
  EXPECT_FALSE(told_to_close(response));
  EXPECT_EQ(drained.get().finished, 1u);
  serve_one(client, "new");
}

TEST_F(ServerHandover, ABodyThatTricklesInIsWaitedFor) {
  TestClient client = old_.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na");
  old_.wait_until([](const Progress& now) { return now.in_flight == 1; });
  auto drained = drain(to_new());
  client.send("b");
  const ClientResponse response = client.receive().value();
  EXPECT_EQ(response.body, "ab");
  EXPECT_FALSE(told_to_close(response));
  drained.get();
  serve_one(client, "new");
}

TEST_F(ServerHandover, WhatWasReadOfTheNextRequestsRidesAlong) {
  TestClient client = old_.connect();
  client.send(
      "GET /gate HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
  old_.gate.wait_for_arrival();
  auto drained = drain(to_new());
  old_.gate.open();
  EXPECT_EQ(who_answered(client.receive().value()), "old");
  drained.get();
  EXPECT_EQ(who_answered(client.receive().value()), "new");
  client.send("cd");
  const ClientResponse last = client.receive().value();
  EXPECT_EQ(last.body, "abcd");
  EXPECT_EQ(who_answered(last), "new");
}

TEST_F(ServerHandover, WhatIsKnownOfItGoesAlong) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  serve_one(client, "old");
  auto drained = drain(between_.give());
  InBetween::Item item = between_.take();
  EXPECT_EQ(item.connection.requests, 2u);
  EXPECT_LE(item.connection.idle_left, minute);
  EXPECT_GT(item.connection.idle_left, Duration{0});
  EXPECT_EQ(item.connection.received, "");
  item.settled(std::nullopt);
  drained.get();
}

TEST_F(ServerHandover, WhatIsLeftOfItsIdleTimeIsAllItHas) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  auto drained = drain([this](LiveConnection connection, const Settled& settled) {
    connection.idle_left = Duration{50};
    new_.server->adopt(std::move(connection));
    settled(std::nullopt);
  });
  drained.get();
  EXPECT_TRUE(client.at_end());  // after 50 ms, not after a minute
}

TEST_F(ServerHandover, AConnectionThatIsKeptGoesOnHere) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  auto drained = drain(between_.give(), 1);
  InBetween::Item item = between_.take();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");  // while nobody knows whose it is
  item.settled(std::move(item.connection));
  EXPECT_EQ(who_answered(client.receive().value()), "old");
  old_.server->keep();
  const ClientResponse last = client.get("/");
  EXPECT_TRUE(told_to_close(last));
  EXPECT_TRUE(client.at_end());
  client.half_close();
  EXPECT_EQ(drained.get().finished, 2u);
}

TEST_F(ServerHandover, WithoutRoomItIsServedOnAndNotToldToClose) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  auto drained = drain(to_new(), 0);
  serve_one(client, "old");
  old_.server->give(1);
  drained.get();
  serve_one(client, "new");
}

TEST_F(ServerHandover, OnlyAsManyAreGivenAsThereIsRoomFor) {
  TestClient first = old_.connect();
  serve_one(first, "old");
  TestClient second = old_.connect();
  serve_one(second, "old");
  auto drained = drain(to_new(), 1);
  new_.wait_until([](const Progress& now) { return now.connections == 1; });
  serve_one(first, "new");  // idle the longest
  EXPECT_EQ(old_.server->progress().connections, 1u);
  old_.server->give(1);
  drained.get();
  serve_one(second, "new");
}

TEST_F(ServerHandover, ANewTakerEndsTheClosing) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  auto drained = drain(to_new(), 0);
  old_.server->keep();
  old_.server->give(1);
  drained.get();
  serve_one(client, "new");
}

TEST_F(ServerHandover, WhatNobodyHasTakenIsToldToCloseBeforeTheDeadline) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  auto drained = old_.drain({.timeout = Duration{2'000}, .give = to_new()});  // and no room, ever
  ClientResponse response = client.get("/");
  while (!told_to_close(response))
    response = client.get("/");
  EXPECT_EQ(who_answered(response), "old");
  client.half_close();
  EXPECT_EQ(drained.get().closed_connections, 0u);
}

TEST_F(ServerHandover, TheDeadlineCutsNoneThatMayBeAnothers) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  auto drained = drain(between_.give());
  InBetween::Item item = between_.take();
  old_.server->cut();
  EXPECT_EQ(drained.get().closed_connections, 0u);
  new_.server->adopt(std::move(item.connection));
  item.settled(std::nullopt);  // too late, and harmless
  serve_one(client, "new");
}

TEST_F(ServerHandover, AnUnusedOneThatEndsBeforeItsGiverHasClosedItIsForgotten) {
  TestClient client = old_.connect();
  old_.wait_until([](const Progress& now) { return now.connections == 1; });
  auto drained = drain(between_.give());
  InBetween::Item item = between_.take();
  UniqueFd with_its_giver(::dup(item.connection.socket.get()));
  new_.server->adopt(std::move(item.connection));
  new_.wait_until([](const Progress& now) { return now.connections == 1; });
  client.half_close();
  new_.wait_until([](const Progress& now) { return now.connections == 0; });
  client.reset();  // happens to a socket that is still open, and is no business of the taker's
  TestClient another = new_.connect();
  serve_one(another, "new");
  item.settled(std::nullopt);
  drained.get();
}

TEST_F(ServerHandover, GoesBothWays) {
  TestClient client = old_.connect();
  serve_one(client, "old");
  drain(to_new()).get();
  serve_one(client, "new");
  old_.activate();
  auto back = new_.drain(
      {.timeout = hour, .give = [this](LiveConnection connection, const Settled& settled) {
         old_.server->adopt(std::move(connection));
         settled(std::nullopt);
       }});
  new_.server->give(1);
  back.get();
  serve_one(client, "old");
}

TEST_F(ServerHandover, AnEngineThatDrainsPassesOnWhatItAdopts) {
  TestServer newest{named("newest")};
  TestClient client = old_.connect();
  serve_one(client, "old");
  std::promise<void> passed_on;
  auto new_drained =
      new_.drain({.timeout = hour, .give = [&](LiveConnection connection, const Settled& settled) {
                    newest.server->adopt(std::move(connection));
                    settled(std::nullopt);
                    passed_on.set_value();
                  }});
  new_.server->give(1);
  drain(to_new()).get();
  serve_one(client, "newest");
  passed_on.get_future().wait();  // or it might still be giving when the newest has gone
}

TEST(ServerHandoverThreads, ManyConnectionsOfSeveralThreadsAllArrive) {
  TestServer from(named("old", 3));
  TestServer to(named("new", 3));
  std::vector<TestClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(from.connect());
    clients.back().get("/");
  }
  auto drained =
      from.drain({.timeout = hour, .give = [&](LiveConnection connection, const Settled& settled) {
                    to.server->adopt(std::move(connection));
                    settled(std::nullopt);
                  }});
  from.server->give(25);
  from.server->give(35);
  drained.get();
  for (TestClient& client : clients)
    EXPECT_EQ(who_answered(client.get("/")), "new");
  EXPECT_EQ(to.server->progress().connections, 60u);
}

}  // namespace
}  // namespace baton::http::testing
