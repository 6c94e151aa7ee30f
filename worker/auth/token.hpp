// JSON Web Tokens signed with HS256: RFC 7519 (claims), RFC 7515 (signature), RFC 8725 (what to
// refuse).
#pragma once

#include "common/wall_clock.hpp"
#include "worker/auth/hmac_sha256.hpp"
#include "worker/auth/refusal.hpp"
#include "worker/auth/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace baton::auth {

struct TokenRules {
  std::string issuer;
  std::string audience;
  std::chrono::seconds leeway{0};  // by which the clocks of issuer and verifier may differ
};

struct Claims {
  std::string subject;
};

inline constexpr std::size_t max_token_bytes = 4096;

// Immutable after its construction, and safe to use from any thread.
class TokenVerifier {
 public:
  TokenVerifier(const Secret& secret, TokenRules rules, WallClock clock);

  // A token needs an expiry, the issuer, the audience (alone or among others) and a subject. The
  // claims are looked at once the signature is right, so a stranger learns nothing of them.
  Verdict<Claims> verify(std::string_view token) const;

 private:
  Verdict<Claims> check_claims(std::string_view text) const;

  HmacSha256 hmac_;
  TokenRules rules_;
  WallClock clock_;
};

// A token for `subject` that is valid from `now` for `lifetime`.
std::string mint_token(const Secret& secret, const TokenRules& rules, std::string_view subject,
                       std::chrono::system_clock::time_point now, std::chrono::seconds lifetime);

}  // namespace baton::auth
