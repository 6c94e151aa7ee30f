#include "tests/unit/worker/auth/forge.hpp"
#include "worker/auth/token.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace baton::auth {
namespace {

TEST(TokenVerifier, ServesSeveralThreadsAtOnce) {
  const auto now = std::chrono::system_clock::now();
  const Secret secret = Secret::from_text(std::string(test::key)).value();
  const TokenRules rules{.issuer = "baton", .audience = "items"};
  const TokenVerifier verifier(secret, rules, [now] { return now; });
  const std::string good = mint_token(secret, rules, "me", now, std::chrono::seconds{60});
  const std::string bad = test::forge(test::good_header, "{}", "another key");

  constexpr int threads = 4;
  constexpr int rounds = 200;
  std::latch start(threads);
  std::atomic<int> passed = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> crowd;
    for (int i = 0; i < threads; ++i) {
      crowd.emplace_back([&] {
        start.arrive_and_wait();
        for (int round = 0; round < rounds; ++round) {
          if (verifier.verify(good).has_value()) ++passed;
          if (verifier.verify(bad).has_error()) ++refused;
        }
      });
    }
  }
  EXPECT_EQ(passed, threads * rounds);
  EXPECT_EQ(refused, threads * rounds);
}

}  // namespace
}  // namespace baton::auth
