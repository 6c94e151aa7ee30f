#include "worker/http/middleware.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace baton::http {
namespace {

struct Log {
  std::ostringstream text;
  std::shared_ptr<spdlog::logger> logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(text));
};

TEST(RequestId, KeepsAGoodOneAndReplacesTheRest) {
  const Handler handler = request_id()([](Exchange&) {});
  const std::vector<std::pair<std::string, bool>> table = {{"abc-1._Z", true},
                                                           {"", false},
                                                           {"a b", false},
                                                           {std::string(64, 'x'), true},
                                                           {std::string(65, 'x'), false},
                                                           {"a\r\nb", false}};
  for (const auto& [given, kept] : table) {
    Exchange exchange;
    exchange.request.headers.push_back({"x-request-id", given});
    handler(exchange);
    EXPECT_EQ(exchange.request.id == given, kept) << given;
    EXPECT_EQ(exchange.response.header_lines(), "X-Request-Id: " + exchange.request.id + "\r\n");
  }
}

TEST(RequestId, MakesDifferentOnes) {
  const Handler handler = request_id()([](Exchange&) {});
  Exchange first;
  Exchange second;
  handler(first);
  handler(second);
  EXPECT_EQ(first.request.id.size(), 16u);
  EXPECT_NE(first.request.id, second.request.id);
}

TEST(AccessLog, WritesOneLineARequest) {
  Log log;
  const Handler handler =
      access_log(log.logger)([](Exchange& e) { answer_error(e.response, 404, "no"); });
  Exchange exchange;
  exchange.request.method_name = "GET";
  exchange.request.target = "/x?y";
  exchange.request.id = "id-1";
  handler(exchange);
  EXPECT_NE(log.text.str().find("GET /x?y 404 "), std::string::npos) << log.text.str();
  EXPECT_NE(log.text.str().find("id id-1"), std::string::npos);
}

TEST(Recover, TurnsAnExceptionInto500AndALogLine) {
  Log log;
  const Handler handler = recover(log.logger)([](Exchange& e) {
    e.response.body = "half";
    throw std::runtime_error("disk on fire");
  });
  Exchange exchange;
  exchange.request.id = "id-1";
  handler(exchange);
  EXPECT_EQ(exchange.response.status, 500u);
  EXPECT_EQ(exchange.response.body.find("disk on fire"), std::string::npos);
  EXPECT_NE(log.text.str().find("disk on fire"), std::string::npos);
  EXPECT_NE(log.text.str().find("id-1"), std::string::npos);
}

TEST(Recover, CatchesWhatIsNoException) {
  Log log;
  Exchange exchange;
  recover(log.logger)([](Exchange&) { throw 42; })(exchange);
  EXPECT_EQ(exchange.response.status, 500u);
}

TEST(ContentType, RefusesBodiesThatAreNotDeclaredAsJson) {
  const Handler handler = content_type()([](Exchange& e) { e.response.body = "{}"; });
  const std::vector<std::pair<std::string, unsigned>> table = {
      {"application/json", 200},
      {"Application/JSON ; charset=utf-8", 200},
      {"text/plain", 415},
      {"application/jsonp", 415},
      {"", 415}};
  for (const auto& [type, status] : table) {
    Exchange exchange;
    exchange.request.body = "{}";
    exchange.request.headers.push_back({"Content-Type", type});
    handler(exchange);
    EXPECT_EQ(exchange.response.status, status) << type;
    EXPECT_EQ(exchange.response.content_type, "application/json");
  }
}

TEST(ContentType, AsksNothingOfARequestWithoutABody) {
  Exchange exchange;
  content_type()([](Exchange&) {})(exchange);
  EXPECT_EQ(exchange.response.status, 200u);
  EXPECT_EQ(exchange.response.content_type, "");
}

}  // namespace
}  // namespace baton::http
