// What a drain finishes, what it cuts, and when it ends.
#include "tests/unit/worker/http/test_server.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace baton::http::testing {
namespace {

constexpr Duration hour{3'600'000};
const DrainOrder patiently{.timeout = hour, .backlog = Backlog::leave};

Settings patient() {
  return {.timeouts = {.read_header = hour, .read = hour, .write = hour, .idle = hour}};
}

TEST(ServerDrain, EndsAtOnceWhenNothingIsOpen) {
  TestServer server(patient());
  server.connect().get("/");
  server.wait_until([](const Progress& now) { return now.requests == 1 && now.connections == 0; });
  const DrainReport report = server.drain_and_wait(patiently);
  EXPECT_EQ(report.finished, 0u);
  EXPECT_EQ(report.cut_requests, 0u);
  EXPECT_EQ(report.closed_connections, 0u);
}

TEST(ServerDrain, FinishesWhatTricklesIn) {
  TestServer server(patient());
  TestClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na");
  server.wait_until([](const Progress& now) { return now.in_flight == 1; });
  auto drained = server.drain(patiently);
  client.send("b");
  client.send("c");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "abc");
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(client.at_end());
  client.half_close();
  EXPECT_EQ(drained.get().finished, 1u);
}

TEST(ServerDrain, FinishesWhatThePoolAnswers) {
  TestServer server(patient());
  TestClient client = server.connect();
  client.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  server.gate.wait_for_arrival();
  auto drained = server.drain(patiently);
  server.gate.open();
  EXPECT_EQ(client.receive().value().body, "through");
  client.half_close();
  EXPECT_EQ(drained.get().finished, 1u);
}

TEST(ServerDrain, AnswersTheNextRequestOfAnIdleConnectionRatherThanClosingIt) {
  TestServer server(patient());
  TestClient used = server.connect();
  used.get("/");
  TestClient fresh = server.connect();
  server.wait_until([](const Progress& now) { return now.connections == 2; });
  auto drained = server.drain(patiently);
  for (TestClient* client : {&used, &fresh}) {
    const ClientResponse response = client->get("/");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.at("connection"), "close");
    EXPECT_TRUE(client->at_end());
    client->half_close();
  }
  const DrainReport report = drained.get();
  EXPECT_EQ(report.finished, 2u);
  EXPECT_EQ(report.closed_connections, 0u);
}

TEST(ServerDrain, CutsAtTheDeadlineAndCounts) {
  TestServer server(patient());
  TestClient idle = server.connect();
  idle.get("/");
  TestClient reading = server.connect();
  reading.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx");
  TestClient answering = server.connect();
  answering.send("GET /stop HTTP/1.1\r\nHost: h\r\n\r\n");
  server.stop_arrived.get_future().wait();
  server.wait_until([](const Progress& now) { return now.in_flight == 2; });
  const DrainReport report = server.drain_and_wait({.timeout = Duration{50}});
  EXPECT_EQ(report.finished, 0u);
  EXPECT_EQ(report.cut_requests, 2u);
  EXPECT_EQ(report.closed_connections, 1u);
  server.cancelled.get_future().wait();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(reading.is_closed());
  EXPECT_TRUE(answering.is_closed());
}

TEST(ServerDrain, CanBeCutByHand) {
  TestServer server(patient());
  TestClient idle = server.connect();
  idle.get("/");
  auto drained = server.drain(patiently);
  server.server->cut();
  EXPECT_EQ(drained.get().closed_connections, 1u);
}

TEST(ServerDrain, LeavesTheQueueToOthers) {
  TestServer server(patient());
  server.drain_and_wait(patiently);
  TestClient waiting = server.connect();  // the kernel takes it; nobody accepts
  waiting.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(server.server->progress().connections, 0u);
  server.activate();
  EXPECT_EQ(waiting.receive().value().body, "hello");
}

TEST(ServerDrain, ServesTheQueueWhenNobodyElseWill) {
  TestServer server(patient());
  server.drain_and_wait(patiently);
  std::vector<TestClient> waiting;
  for (int i = 0; i < 100; ++i) {
    waiting.push_back(server.connect());
    waiting.back().send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  }
  server.activate();
  const DrainReport report = server.drain_and_wait({.timeout = hour, .backlog = Backlog::serve});
  for (TestClient& client : waiting)
    EXPECT_EQ(client.receive().value().body, "hello");
  EXPECT_EQ(server.server->progress().requests, 100u);
  EXPECT_EQ(report.cut_requests, 0u);
}

TEST(ServerDrain, CanBeTakenBack) {
  TestServer server(patient());
  TestClient idle = server.connect();
  idle.get("/");
  auto abandoned = server.drain(patiently);
  server.activate();
  EXPECT_EQ(idle.get("/").headers.count("connection"), 0u);
  EXPECT_EQ(server.connect().get("/").body, "hello");
}

TEST(ServerDrain, WorksOnSeveralThreads) {
  Settings settings = patient();
  settings.threads = 3;
  TestServer server(settings);
  std::vector<TestClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(server.connect());
    clients.back().get("/");
  }
  server.wait_until([](const Progress& now) { return now.requests == 20; });
  auto drained = server.drain(patiently);
  for (TestClient& client : clients) {
    EXPECT_EQ(client.get("/").headers.at("connection"), "close");
    client.half_close();
  }
  EXPECT_EQ(drained.get().finished, 20u);
}

// ---- the fd limit

// Lowers the soft limit, so that no more than `more` fds can be opened; restored at the end.
class FdLimit {
 public:
  explicit FdLimit(rlim_t more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next_free = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    ::close(next_free);
    const rlimit tight{static_cast<rlim_t>(next_free) + more, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~FdLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(ServerFdLimit, NewConnectionsWaitWhileOpenOnesAreServed) {
  TestServer server(patient());
  TestClient open = server.connect();
  open.get("/");
  TestClient other = server.connect();
  other.get("/");
  {
    const FdLimit limit(1);  // for the client's own end
    TestClient queued = server.connect();
    queued.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(open.get("/").status, 200);
    EXPECT_EQ(server.server->progress().connections, 2u);
    server.wait_until([&](const Progress&) {
      return server.has_logged("cannot accept connections, they wait in the queue");
    });
    EXPECT_EQ(open.get("/").status, 200);
    other.half_close();  // the server's end goes, and makes room
    EXPECT_EQ(queued.receive().value().body, "hello");
  }
}

}  // namespace
}  // namespace baton::http::testing
