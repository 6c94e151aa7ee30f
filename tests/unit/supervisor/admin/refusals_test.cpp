// Requests that are wrong: each gets a JSON error with its reason, whatever bytes it is made of.
#include "tests/unit/supervisor/admin/raw_client.hpp"
#include "tests/unit/supervisor/admin/served_control.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton::admin {
namespace {

class Refusals : public ::testing::Test {
 protected:
  HttpAnswer send(const std::string& bytes) {
    RawClient client(served_.socket());
    client.send(bytes);
    return client.read_answer();
  }

  // A refused request has done nothing.
  void TearDown() override {
    served_.with([](FakeControl& control) {
      EXPECT_EQ(control.operations.size() + control.signals.size(), 0u);
      EXPECT_EQ(control.status_requests + control.reloads + control.shutdowns, 0u);
    });
  }

  ServedControl served_;
};

void expect_error(const HttpAnswer& answer, int status, const std::string& message) {
  EXPECT_EQ(answer.status, status) << message;
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.json()["error"]["status"], status);
  EXPECT_EQ(answer.json()["schema"], 1);
  EXPECT_EQ(answer.message(), message);
}

TEST_F(Refusals, UnknownPathIsNamed) {
  for (const std::string path : {"/", "/v1", "/v1/", "/v1/statuses", "/v2/status", "/v1/status/"}) {
    expect_error(ask(served_.socket(), "GET " + path), 404, "there is no " + path);
  }
  const std::string longer(500, 'x');
  expect_error(ask(served_.socket(), "GET /" + longer), 404,
               "there is no /" + longer.substr(0, 99));
}

TEST_F(Refusals, WrongMethodNamesTheRightOne) {
  struct Row {
    const char* request;
    const char* allow;
    const char* message;
  };
  const std::vector<Row> rows{
      {"POST /v1/ping", "GET", "/v1/ping takes GET"},
      {"PUT /v1/version", "GET", "/v1/version takes GET"},
      {"DELETE /v1/status", "GET", "/v1/status takes GET"},
      {"POST /v1/events", "GET", "/v1/events takes GET"},
      {"POST /v1/logs?n=1", "GET", "/v1/logs takes GET"},
      {"GET /v1/operations", "POST", "/v1/operations takes POST"},
      {"GET /v1/signal", "POST", "/v1/signal takes POST"},
      {"GET /v1/reload", "POST", "/v1/reload takes POST"},
      {"BREW /v1/shutdown", "POST", "/v1/shutdown takes POST"},
  };
  for (const Row& row : rows) {
    const auto answer = ask(served_.socket(), row.request);
    expect_error(answer, 405, row.message);
    EXPECT_EQ(answer.allow, row.allow);
  }
}

TEST_F(Refusals, BodyThatIsNoDocument) {
  for (const std::string route : {"POST /v1/operations", "POST /v1/signal"}) {
    const std::string no_object = "the text is not a JSON object";
    expect_error(ask(served_.socket(), route), 400, no_object);
    expect_error(ask(served_.socket(), route, "deploy items"), 400, no_object);
    expect_error(ask(served_.socket(), route, "[]"), 400, no_object);
    expect_error(ask(served_.socket(), route, "{\"service\":\"\xff\"}"), 400, no_object);
    expect_error(ask(served_.socket(), route, std::string(1000, '[')), 400,
                 "the JSON is nested too deeply");
    expect_error(ask(served_.socket(), route, R"({"schema":2})"), 400,
                 "the document's schema is 2, this side's 1");
  }
}

TEST_F(Refusals, BodyOverItsLimitIsRefusedByItsLengthAlone) {
  expect_error(send("POST /v1/operations HTTP/1.1\r\nHost: b\r\nContent-Length: 65537\r\n\r\n"),
               413, "the body is over 64 KiB");
  expect_error(ask(served_.socket(), "POST /v1/operations", std::string(1'000'000, ' ')), 413,
               "the body is over 64 KiB");
}

TEST_F(Refusals, ChunkedBodyOverItsLimit) {
  std::string chunks;
  for (int i = 0; i < 9; ++i)
    chunks += "2000\r\n" + std::string(0x2000, ' ') + "\r\n";
  expect_error(
      send("POST /v1/operations HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n" +
           chunks + "0\r\n\r\n"),
      413, "the body is over 64 KiB");
}

TEST_F(Refusals, BodyAtItsLimitIsRead) {
  expect_error(ask(served_.socket(), "POST /v1/operations", std::string(65'536, ' ')), 400,
               "the text is not a JSON object");
}

TEST_F(Refusals, HeaderOverItsLimit) {
  expect_error(send("GET /v1/ping HTTP/1.1\r\nX-Long: " + std::string(9000, 'x') + "\r\n\r\n"), 431,
               "the header is over 8 KiB");
}

TEST_F(Refusals, BytesThatAreNotHttp) {
  for (const std::string bytes : {
           "hello\r\n\r\n",
           "GET /v1/ping\r\n\r\n",
           "GET /v1/ping HTTP/1.1\r\nno colon\r\n\r\n",
           "GET /v1/ping HTTP/1.1\r\nContent-Length: many\r\n\r\n",
           "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
       }) {
    const auto answer = send(bytes);
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_TRUE(answer.message().starts_with("that is not HTTP: ")) << answer.message();
  }
}

TEST_F(Refusals, OnlyHttp11) {
  expect_error(send("GET /v1/ping HTTP/1.0\r\n\r\n"), 505, "the admin API speaks HTTP/1.1");
}

TEST_F(Refusals, ExtentOfLinesIsChecked) {
  for (const std::string route : {"GET /v1/events", "GET /v1/logs"}) {
    for (const std::string n : {"", "-1", "+1", "1x", "0x10", "10001", "99999999999999999999"}) {
      expect_error(ask(served_.socket(), route + "?n=" + n), 422,
                   "'n' must be a number from 0 to 10000");
    }
    for (const std::string follow : {"", "2", "yes"}) {
      expect_error(ask(served_.socket(), route + "?n=1&follow=" + follow), 422,
                   "'follow' must be 0 or 1");
    }
  }
}

TEST_F(Refusals, ARequestThatIsCutShortDoesNothing) {
  {
    RawClient client(served_.socket());
    client.send("POST /v1/shutdown HTTP/1.1\r\nHost: b\r\nContent-Le");
  }
  {
    RawClient client(served_.socket());
    client.send("POST /v1/operations HTTP/1.1\r\nHost: b\r\nContent-Length: 100\r\n\r\n{");
  }
  expect_error(ask(served_.socket(), "GET /v1/still-here"), 404, "there is no /v1/still-here");
}

}  // namespace
}  // namespace baton::admin
