// JSON Web Tokens signed with HS256: RFC 7519 (claims), RFC 7515 (signature), RFC 8725 (what to
// refuse). The signature is checked by libcjose in constant time; the claims are checked here.
#pragma once

#include "common/result.hpp"
#include "worker/auth/secret.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace baton::auth {

using WallClock = std::function<std::chrono::system_clock::time_point()>;

struct TokenRules {
  std::string issuer = "baton";
  std::string audience = "baton-worker";
  std::chrono::seconds leeway{0};  // for clocks that differ
};

struct Claims {
  std::string subject;
};

inline constexpr std::size_t max_token_bytes = 4096;

// Immutable after its construction, and safe to use from any thread.
class TokenVerifier {
 public:
  TokenVerifier(const Secret& secret, TokenRules rules, WallClock clock);
  ~TokenVerifier();
  TokenVerifier(const TokenVerifier&) = delete;
  TokenVerifier& operator=(const TokenVerifier&) = delete;

  // Errc::invalid_input with a sentence for the client: which rule the token breaks, and nothing of
  // what the rule expects. A token needs an expiry and a subject.
  Result<Claims> verify(std::string_view token) const;

 private:
  struct Key;
  Result<void> check_claims(std::string_view payload, Claims& claims) const;

  std::unique_ptr<Key> key_;
  TokenRules rules_;
  WallClock clock_;
};

// A token for `subject` that is valid from `now` for `lifetime`. Throws Failure when libcjose
// fails.
std::string mint_token(const Secret& secret, const TokenRules& rules, std::string_view subject,
                       std::chrono::system_clock::time_point now, std::chrono::seconds lifetime);

}  // namespace baton::auth
