// The engine over real sockets: what is answered, and what becomes of the connection.
#include "tests/unit/worker/http/test_server.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace baton::http::testing {
namespace {

const std::string get_hello = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(const std::string& fields, const std::string& body = "") {
  return "POST /echo HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
}

TEST(Server, AnswersOneRequestAfterTheOtherOnAConnection) {
  TestServer server;
  TestClient client = server.connect();
  for (int i = 0; i < 100; ++i) {
    const ClientResponse response = client.get("/");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.headers.count("connection"), 0u);
    EXPECT_EQ(response.headers.count("date"), 1u);
  }
  EXPECT_EQ(server.server->progress().connections, 1u);
}

TEST(Server, AnswersOnSeveralThreads) {
  TestServer server({.threads = 3});
  std::vector<TestClient> clients;
  for (int i = 0; i < 30; ++i)
    clients.push_back(server.connect());
  for (TestClient& client : clients)
    EXPECT_EQ(client.get("/").body, "hello");
  server.wait_until([](const Progress& now) { return now.requests == 30; });
  EXPECT_EQ(server.server->progress().connections, 30u);
}

struct ErrorCase {
  std::string name;
  std::string bytes;
  int status;
  std::string message;
};

std::string case_name(const ::testing::TestParamInfo<ErrorCase>& it) {
  return it.param.name;
}

class ErrorAnswer : public ::testing::TestWithParam<ErrorCase> {};

TEST_P(ErrorAnswer, IsJsonAndThenTheConnectionEndsInOrder) {
  TestServer server({.limits = {.header = 1024, .body = 64}});
  TestClient client = server.connect();
  ASSERT_TRUE(client.send(GetParam().bytes));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, GetParam().status);
  EXPECT_EQ(response->headers.at("content-type"), "application/json");
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_NE(response->body.find(GetParam().message), std::string::npos) << response->body;
  // The FIN comes, and no reset, although the server has not read everything.
  EXPECT_TRUE(client.at_end());
}

INSTANTIATE_TEST_SUITE_P(
    Table, ErrorAnswer,
    ::testing::ValuesIn(std::vector<ErrorCase>{
        {"Malformed", "nonsense\r\n\r\n", 400, "does not begin with a method"},
        {"Smuggled",
         post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + get_hello), 400,
         "Transfer-Encoding"},
        {"Version", "GET / HTTP/3.0\r\n\r\n", 505, "HTTP/1.1"},
        {"LongHeader", post("X: " + std::string(100'000, 'x') + "\r\n"), 431,
         "header is over the limit"},
        {"LongBody", post("Content-Length: 300000\r\n", std::string(300'000, 'x')), 413,
         "body is over the limit"},
        {"Encoding", post("Transfer-Encoding: gzip\r\n"), 501, "chunked"},
        {"Expectation", post("Expect: x\r\n"), 417, "100-continue"},
    }),
    case_name);

// Whoever waits at a socket gets the next connection, and nearly all of them if it stays the first
// in the line. Not exactly half: one that is busy just then is passed over.
TEST(Server, SharesConnectionsBetweenItsThreads) {
  TestServer server({.threads = 2});
  std::vector<TestClient> clients;
  std::map<std::string, int> taken;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(server.connect());
    ++taken[clients.back().get("/thread").body];
  }
  ASSERT_EQ(taken.size(), 2u);
  for (const auto& [thread, connections] : taken)
    EXPECT_GE(connections, 16) << thread;
}

TEST(Server, AnswersUnknownPathAndMethodAndStaysOpen) {
  TestServer server;
  TestClient client = server.connect();
  EXPECT_EQ(client.get("/none").status, 404);
  client.send("DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 405);
  EXPECT_EQ(response->headers.at("allow"), "POST");
  EXPECT_EQ(client.get("/").status, 200);
}

TEST(Server, AnswersHeadWithoutABody) {
  TestServer server;
  TestClient client = server.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto response = client.receive(true);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.at("content-length"), "5");
  EXPECT_EQ(client.get("/").body, "hello");  // nothing was in between
}

TEST(Server, FollowsTheClientsWishForTheConnection) {
  TestServer server;
  const auto ask = [&](const std::string& head) {
    TestClient client = server.connect();
    client.send(head + "\r\n");
    ClientResponse response = client.receive().value();
    client.send(get_hello);
    return response.headers["connection"] + (client.receive() ? ", open" : ", ended");
  };
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: h\r\n"), ", open");
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"), "close, ended");
  EXPECT_EQ(ask("GET / HTTP/1.0\r\n"), "close, ended");
  EXPECT_EQ(ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n"), "keep-alive, open");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  TestClient client = server.connect();
  std::string bytes;
  for (int i = 0; i < 500; ++i) {
    const std::string body = std::to_string(i);
    bytes += post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
  }
  ASSERT_TRUE(client.send(bytes));
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(client.receive().value().body, std::to_string(i));
}

TEST(Server, AnswersWhatWasPipelinedWhileThePoolWorked) {
  TestServer server;
  TestClient client = server.connect();
  client.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  server.gate.wait_for_arrival();
  client.send(get_hello + "GET /none HTTP/1.1\r\nHost: h\r\n\r\n");
  server.gate.open();
  EXPECT_EQ(client.receive().value().body, "through");
  EXPECT_EQ(client.receive().value().body, "hello");
  EXPECT_EQ(client.receive().value().status, 404);
}

TEST(Server, TakesBodiesInPieces) {
  TestServer server;
  TestClient client = server.connect();
  client.send(post("Transfer-Encoding: chunked\r\n", "5\r\nhe"));
  server.wait_until([](const Progress& now) { return now.in_flight == 1; });
  client.send("llo\r\n6\r\n world\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().value().body, "hello world");
  const std::string body(64 * 1024, 'b');
  client.send(post("Content-Length: 65536\r\n", body));
  EXPECT_EQ(client.receive().value().body, body);
}

TEST(Server, DecodesTheTarget) {
  TestServer server;
  EXPECT_EQ(server.connect().get("/a%20path?x=%20").body, "x=%20");
}

TEST(Server, TellsAClientThatAsksToSendItsBody) {
  TestServer server;
  TestClient client = server.connect();
  client.send(post("Content-Length: 2\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.receive().value().status, 100);
  client.send("ok");
  EXPECT_EQ(client.receive().value().body, "ok");
}

TEST(Server, RefusesABodyOverTheLimitBeforeItIsSent) {
  TestServer server({.limits = {.body = 10}});
  TestClient client = server.connect();
  client.send(post("Content-Length: 11\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.receive().value().status, 413);
}

TEST(Server, SurvivesWhatHandlersThrow) {
  TestServer server;
  TestClient client = server.connect();
  for (const char* path : {"/throw", "/throw-on-pool"}) {
    const ClientResponse response = client.get(path);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
  EXPECT_EQ(client.get("/").status, 200);
  EXPECT_TRUE(server.has_logged("the handler's own secret"));
}

TEST(Server, BearsItsIdentityOnEveryAnswer) {
  TestServer server({.identity = "7.4711"});
  TestClient client = server.connect();
  EXPECT_EQ(client.get("/").headers.at("x-worker"), "7.4711");
  EXPECT_EQ(client.get("/none").headers.at("x-worker"), "7.4711");
  client.send("nonsense\r\n\r\n");
  EXPECT_EQ(client.receive().value().headers.at("x-worker"), "7.4711");
}

TEST(Server, WritesResponsesThatDoNotFitIntoTheSocket) {
  TestServer server;
  TestClient client = server.connect();
  EXPECT_EQ(client.get("/big").body.size(), 32u << 20);
  EXPECT_EQ(client.get("/").body, "hello");
}

// ---- a client that goes away

TEST(Server, CancelsTheRequestOfAClientThatHasGone) {
  TestServer server;
  TestClient client = server.connect();
  client.send("GET /stop HTTP/1.1\r\nHost: h\r\n\r\n");
  server.stop_arrived.get_future().wait();
  client.half_close();
  server.cancelled.get_future().wait();
  EXPECT_EQ(client.receive().value().status, 503);  // half of it was still there
}

TEST(Server, CancelsTheRequestOfAClientThatHasDied) {
  TestServer server;
  TestClient client = server.connect();
  client.send("GET /stop HTTP/1.1\r\nHost: h\r\n\r\n");
  server.stop_arrived.get_future().wait();
  client.reset();
  server.cancelled.get_future().wait();
  server.wait_until([](const Progress& now) { return now.connections == 0; });
  EXPECT_EQ(server.connect().get("/").status, 200);
}

TEST(Server, ForgetsClientsThatLeaveInTheMiddle) {
  TestServer server;
  for (const std::string& part :
       {std::string(), std::string("GET"), post("Content-Length: 9\r\n", "x")}) {
    TestClient client = server.connect();
    client.send(part);
    client.reset();
  }
  TestClient last = server.connect();
  EXPECT_EQ(last.get("/").status, 200);
  server.wait_until([](const Progress& now) { return now.connections == 1; });
  server.wait_until([](const Progress& now) { return now.in_flight == 0; });
}

TEST(Server, StopsWithConnectionsInEveryState) {
  TestServer server({.threads = 2});
  TestClient idle = server.connect();
  idle.get("/");
  TestClient reading = server.connect();
  reading.send(post("Content-Length: 9\r\n", "x"));
  TestClient writing = server.connect();
  writing.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  TestClient answering = server.connect();
  answering.send("GET /stop HTTP/1.1\r\nHost: h\r\n\r\n");
  server.stop_arrived.get_future().wait();
  server.wait_until([](const Progress& now) { return now.in_flight == 3; });
  server.server->stop();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(reading.is_closed());
  EXPECT_TRUE(writing.is_closed());
  EXPECT_TRUE(answering.is_closed());
}

}  // namespace
}  // namespace baton::http::testing
