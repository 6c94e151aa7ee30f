#include "worker/http/router.hpp"

#include <gtest/gtest.h>

#include <string>

namespace baton::http {
namespace {

Middleware mark(std::string name) {
  return [name](Handler next) -> Handler {
    return [name, next](Exchange& exchange) {
      exchange.response.body += name + "(";
      next(exchange);
      exchange.response.body += ")";
    };
  };
}

void answer_ok(Exchange& exchange) {
  exchange.response.body += "ok";
}

Exchange ask(const Router& router, Method method, std::string_view path) {
  Exchange exchange;
  exchange.request.method = method;
  exchange.request.method_name = to_string(method);
  exchange.request.path = path;
  router.find(method, path).handler(exchange);
  return exchange;
}

TEST(Router, FindsByPathAndMethod) {
  Router router;
  router.add(Method::get, "/a", RunOn::io_thread, answer_ok);
  router.add(Method::post, "/a", RunOn::pool, answer_ok);
  EXPECT_EQ(router.find(Method::get, "/a").where, RunOn::io_thread);
  EXPECT_EQ(router.find(Method::head, "/a").where, RunOn::io_thread);
  EXPECT_EQ(router.find(Method::post, "/a").where, RunOn::pool);
  EXPECT_EQ(ask(router, Method::get, "/a").response.body, "ok");
}

TEST(Router, AnswersUnknownPathsWith404) {
  Router router;
  router.add(Method::get, "/a", RunOn::io_thread, answer_ok);
  for (const char* path : {"/", "/a/", "/b", "", "*"}) {
    const Exchange exchange = ask(router, Method::get, path);
    EXPECT_EQ(exchange.response.status, 404u);
    EXPECT_NE(exchange.response.body.find("there is nothing at " + std::string(path)),
              std::string::npos);
  }
}

TEST(Router, AnswersOtherMethodsWith405AndAllow) {
  Router router;
  router.add(Method::get, "/a", RunOn::io_thread, answer_ok);
  router.add(Method::post, "/a", RunOn::io_thread, answer_ok);
  for (const Method method : {Method::put, Method::del, Method::options, Method::other}) {
    const Exchange exchange = ask(router, method, "/a");
    EXPECT_EQ(exchange.response.status, 405u);
    EXPECT_EQ(exchange.response.header_lines(), "Allow: GET, HEAD, POST\r\n");
  }
}

TEST(Router, WrapsEveryAnswerInTheChainOutermostFirst) {
  Router router({mark("a"), mark("b")});
  router.add(Method::get, "/", RunOn::io_thread, answer_ok);
  EXPECT_EQ(ask(router, Method::get, "/").response.body, "a(b(ok))");
  EXPECT_TRUE(ask(router, Method::get, "/none").response.body.ends_with("))"));
  EXPECT_TRUE(ask(router, Method::put, "/").response.body.ends_with("))"));
}

}  // namespace
}  // namespace baton::http
