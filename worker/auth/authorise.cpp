#include "worker/auth/authorise.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace baton::auth {
namespace {

constexpr std::string_view scheme = "bearer ";

// What follows "Bearer ", in any case (RFC 9110, 11.1).
std::optional<std::string_view> bearer_token(const http::Request& request) {
  const auto field = request.header("Authorization");
  if (!field || field->size() <= scheme.size()) return std::nullopt;
  const bool is_bearer =
      std::equal(scheme.begin(), scheme.end(), field->begin(),
                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
  if (!is_bearer) return std::nullopt;
  std::string_view token = field->substr(scheme.size());
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  return token;
}

}  // namespace

http::Middleware authorise(std::shared_ptr<const TokenVerifier> verifier) {
  return [verifier = std::move(verifier)](http::Handler next) -> http::Handler {
    return [verifier, next = std::move(next)](http::Exchange& exchange) {
      const auto token = bearer_token(exchange.request);
      if (!token) {
        http::answer_error(exchange.response, 401, "a bearer token is needed");
        exchange.response.add_header("WWW-Authenticate", "Bearer");
        return;
      }
      auto claims = verifier->verify(*token);
      if (!claims) {
        http::answer_error(exchange.response, 401, claims.error().message);
        exchange.response.add_header(
            "WWW-Authenticate",
            "Bearer error=\"invalid_token\", error_description=\"" + claims.error().message + "\"");
        return;
      }
      exchange.request.subject = std::move(claims->subject);
      next(exchange);
    };
  };
}

}  // namespace baton::auth
