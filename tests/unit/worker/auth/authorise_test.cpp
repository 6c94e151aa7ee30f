#include "worker/auth/authorise.hpp"

#include "tests/unit/worker/auth/forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace baton::auth {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::chrono::system_clock::time_point now{1'800'000'000s};

class Authorise : public testing::Test {
 protected:
  // Calls the middleware with that field; empty: without one.
  void call(std::string_view authorization) {
    exchange_.clear();
    called_ = false;
    if (!authorization.empty()) {
      exchange_.request.headers.push_back({"authorization", authorization});
    }
    guarded_(exchange_);
  }

  std::string mint() { return mint_token(secret_, rules_, "me", now, 60s); }

  bool called_ = false;
  http::Exchange exchange_;
  const TokenRules rules_{.issuer = "baton", .audience = "items"};
  const Secret secret_ = Secret::from_text(std::string(test::key)).value();
  const http::Handler guarded_ = authorise(std::make_shared<TokenVerifier>(
      secret_, rules_, [] { return now; }))([this](http::Exchange&) { called_ = true; });
};

TEST_F(Authorise, LetsTheBearerOfAGoodTokenPass) {
  const std::string token = mint();
  for (const std::string scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR   "}) {
    call(scheme + token);
    EXPECT_TRUE(called_) << scheme;
    EXPECT_EQ(exchange_.request.subject, "me");
    EXPECT_EQ(exchange_.response.status, 200u);
    EXPECT_EQ(exchange_.response.header_lines(), "");
  }
}

TEST_F(Authorise, AsksForATokenWhenThereIsNone) {
  const std::string token = mint();
  const std::string fields[] = {"",       "Bearer",          "Basic bWU6bWU=", token,
                                "Bearer", "Bear " + token,   "Bearer" + token, "Token " + token,
                                "B",      "Bearer\t" + token};
  for (const std::string& field : fields) {
    call(field);
    EXPECT_FALSE(called_) << field;
    EXPECT_EQ(exchange_.response.status, 401u);
    EXPECT_EQ(exchange_.response.header_lines(), "WWW-Authenticate: Bearer\r\n");
    EXPECT_EQ(exchange_.response.body,
              R"({"error":{"status":401,"code":"unauthorized","message":)"
              R"("a bearer token is needed: Authorization: Bearer TOKEN"}})"
              "\n");
  }
}

TEST_F(Authorise, SaysWhatIsWrongWithATokenAndNoMore) {
  const std::string claims = R"({"iss":"x","aud":"items","sub":"me","exp":1900000000})";
  const std::string token = test::forge(test::good_header, claims);
  call("Bearer " + token);
  EXPECT_FALSE(called_);
  EXPECT_EQ(exchange_.response.status, 401u);
  EXPECT_EQ(exchange_.request.subject, "");
  EXPECT_EQ(exchange_.response.header_lines(),
            "WWW-Authenticate: Bearer error=\"invalid_token\", "
            "error_description=\"the token's issuer is wrong\"\r\n");
  EXPECT_EQ(exchange_.response.body, R"({"error":{"status":401,"code":"unauthorized","message":)"
                                     R"("the token's issuer is wrong"}})"
                                     "\n");
}

TEST_F(Authorise, DoesNotAnswerWithWhatItWasSent) {
  call("Bearer <script>\"\\");
  EXPECT_EQ(exchange_.response.status, 401u);
  EXPECT_THAT(std::string(exchange_.response.header_lines()),
              HasSubstr("error_description=\"the token is malformed\""));
  EXPECT_EQ(exchange_.response.body.find("script"), std::string::npos);
}

}  // namespace
}  // namespace baton::auth
