// Every timeout, configured short. Nothing is measured: what must not fire first is set to an hour.
#include "tests/unit/worker/http/test_server.hpp"

#include <gtest/gtest.h>

namespace baton::http::testing {
namespace {

constexpr Duration hour{3'600'000};
constexpr Duration soon{50};

Timeouts no_timeouts() {
  return {.read_header = hour, .read = hour, .write = hour, .idle = hour};
}

TEST(ServerTimeout, SlowHeaderIsAnswered408) {
  Timeouts timeouts = no_timeouts();
  timeouts.read_header = soon;
  TestServer server({.timeouts = timeouts});
  TestClient client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_NE(response->body.find("the request header did not come in time"), std::string::npos);
  EXPECT_TRUE(client.at_end());
}

TEST(ServerTimeout, SlowBodyIsAnswered408) {
  Timeouts timeouts = no_timeouts();
  timeouts.read = soon;
  TestServer server({.timeouts = timeouts});
  TestClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_NE(response->body.find("the request body did not come in time"), std::string::npos);
  EXPECT_TRUE(client.at_end());
}

TEST(ServerTimeout, TheHeaderTimeoutDoesNotCutTheBody) {
  Timeouts timeouts = no_timeouts();
  timeouts.read_header = soon;
  TestServer server({.timeouts = timeouts});
  TestClient body = server.connect();
  body.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx");
  server.wait_until([](const Progress& now) { return now.in_flight == 1; });
  TestClient header = server.connect();
  header.send("G");
  EXPECT_EQ(header.receive().value().status, 408);
  body.send("y");
  EXPECT_EQ(body.receive().value().body, "xy");
}

TEST(ServerTimeout, SlowReaderIsDropped) {
  Timeouts timeouts = no_timeouts();
  timeouts.write = soon;
  TestServer server({.timeouts = timeouts});
  TestClient client = server.connect();
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  server.wait_until([](const Progress& now) { return now.connections == 1; });
  server.wait_until([](const Progress& now) { return now.connections == 0; });
  EXPECT_EQ(server.server->progress().requests, 0u);
  EXPECT_TRUE(client.is_closed());
}

TEST(ServerTimeout, IdleConnectionIsClosed) {
  Timeouts timeouts = no_timeouts();
  timeouts.idle = soon;
  TestServer server({.timeouts = timeouts});
  TestClient used = server.connect();
  used.get("/");
  TestClient fresh = server.connect();
  EXPECT_TRUE(used.at_end());
  EXPECT_TRUE(fresh.at_end());
}

TEST(ServerTimeout, AHandlerMayTakeLongerThanAnyOfThem) {
  TestServer server({.timeouts = {.read_header = soon, .read = soon, .write = soon, .idle = soon}});
  TestClient client = server.connect();
  client.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  server.gate.wait_for_arrival();
  EXPECT_TRUE(server.connect().at_end());  // one idle timeout has passed meanwhile
  server.gate.open();
  EXPECT_EQ(client.receive().value().body, "through");
}

}  // namespace
}  // namespace baton::http::testing
