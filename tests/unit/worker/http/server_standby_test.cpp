// An engine that is told more than once: other lanes, back from a drain; and its probe listener,
// which none of that touches.
#include "tests/unit/worker/http/test_server.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <algorithm>

namespace baton::http {
namespace {

using testing::TestClient;
using testing::TestServer;

constexpr Duration hour{3'600'000};

Settings patient() {
  return {.timeouts = {.read_header = hour, .read = hour, .write = hour, .idle = hour},
          .threads = 2};
}

// A server with one more listener, which is its lane 1.
class TwoLanes : public ::testing::Test {
 protected:
  TwoLanes() : server_(patient()) {
    UniqueFd listener = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 128).value();
    port_of_lane_1_ = std::get<net::Ipv4Address>(net::local_address(listener).value()).port;
    server_.server->add_listener(std::move(listener), 1);
  }
  void accept_from(std::vector<unsigned> lanes) {
    server_.activate([&](unsigned lane) { return std::ranges::find(lanes, lane) != lanes.end(); });
  }
  // Asks on a fresh connection, which waits in the queue until somebody accepts.
  static TestClient ask(std::uint16_t port) {
    TestClient client(port);
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    return client;
  }

  TestServer server_;
  std::uint16_t port_of_lane_1_ = 0;
};

TEST_F(TwoLanes, OnlyThoseThatWereSaidAreAcceptedFrom) {
  accept_from({1});
  TestClient waits = ask(server_.port());
  TestClient answered = ask(port_of_lane_1_);
  EXPECT_EQ(answered.receive().value().body, "hello");
  EXPECT_EQ(server_.server->progress().connections, 1u);
  accept_from({0});
  EXPECT_EQ(waits.receive().value().body, "hello") << "it waited in the queue";
  EXPECT_EQ(answered.get("/").body, "hello") << "what is open stays";
}

TEST_F(TwoLanes, SwitchingForthAndBackLosesNothing) {
  for (int i = 0; i < 50; ++i) {
    TestClient one = ask(server_.port());
    TestClient other = ask(port_of_lane_1_);
    accept_from({i % 2 == 0 ? 0u : 1u});
    accept_from({0, 1});
    EXPECT_EQ(one.receive().value().status, 200);
    EXPECT_EQ(other.receive().value().status, 200);
  }
}

TEST_F(TwoLanes, AtTheEndTheQueuesOfBothAreServed) {
  accept_from({0});
  TestClient waits = ask(port_of_lane_1_);
  const DrainReport report = server_.drain_and_wait({.timeout = hour, .backlog = Backlog::serve});
  EXPECT_EQ(waits.receive().value().body, "hello");
  EXPECT_EQ(report.finished, 1u);
}

TEST(ServerStandby, ADrainThatIsCalledOffTellsNobodyToClose) {
  TestServer server(patient());
  TestClient client = server.connect();
  client.get("/");
  auto drained = server.drain({.timeout = hour, .backlog = Backlog::leave});
  server.activate();
  const auto response = client.get("/");
  EXPECT_EQ(response.headers.count("connection"), 0u);
  EXPECT_EQ(client.get("/").body, "hello");
  EXPECT_EQ(server.connect().get("/").body, "hello");
  EXPECT_THROW(drained.get(), std::future_error) << "it is not over, it is off";
}

TEST(ServerStandby, ADrainedServerAcceptsAgain) {
  TestServer server(patient());
  for (int i = 0; i < 3; ++i) {
    server.drain_and_wait({.timeout = hour, .backlog = Backlog::leave});
    server.activate();
    EXPECT_EQ(server.connect().get("/").body, "hello");
  }
}

TEST(ServerErrors, OnlyA5xxIsOne) {
  TestServer server(patient());
  TestClient client = server.connect();
  client.get("/");
  client.get("/nowhere");
  server.wait_until([](const Progress& now) { return now.requests == 2; });
  EXPECT_EQ(server.server->progress().errors, 0u);
  client.get("/throw");
  server.wait_until([](const Progress& now) { return now.requests == 3; });
  EXPECT_EQ(server.server->progress().errors, 1u);
}

class Probes : public ::testing::Test {
 protected:
  Probes() : server_(patient()) {
    UniqueFd listener = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 8).value();
    port_ = std::get<net::Ipv4Address>(net::local_address(listener).value()).port;
    server_.server->serve_probes(std::move(listener));
  }

  TestServer server_;
  std::uint16_t port_ = 0;
};

TEST_F(Probes, AreAnsweredByTheSameRoutesAndNotCounted) {
  EXPECT_EQ(TestClient(port_).get("/").body, "hello");
  EXPECT_EQ(TestClient(port_).get("/throw").status, 500);
  const Progress now = server_.server->progress();
  EXPECT_EQ(now.requests, 0u);
  EXPECT_EQ(now.errors, 0u);
  EXPECT_EQ(now.connections, 0u);
}

TEST_F(Probes, AreAnsweredInADrainAndAfterItAndDoNotHoldItUp) {
  TestClient prober(port_);
  prober.get("/");
  server_.drain_and_wait({.timeout = hour, .backlog = Backlog::leave});
  const auto response = prober.get("/");
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.headers.count("connection"), 0u) << "he is not told to close";
  EXPECT_EQ(TestClient(port_).get("/").body, "hello");
  server_.server->cut();
  EXPECT_EQ(prober.get("/").body, "hello");
}

TEST_F(Probes, EndWithTheServer) {
  TestClient prober(port_);
  prober.get("/");
  server_.server->stop();
  EXPECT_TRUE(prober.is_closed());
}

}  // namespace
}  // namespace baton::http
