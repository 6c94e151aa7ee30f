#include "worker/auth/authorise.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

namespace baton::auth {
namespace {

constexpr std::string_view scheme = "bearer ";

// What follows "Bearer ", which may be in any case (RFC 9110, 11.1).
std::optional<std::string_view> bearer_token(const http::Request& request) {
  const auto field = request.header("Authorization");
  if (!field || field->size() <= scheme.size()) return std::nullopt;
  const bool is_bearer =
      std::equal(scheme.begin(), scheme.end(), field->begin(),
                 [](char ours, unsigned char theirs) { return ours == std::tolower(theirs); });
  if (!is_bearer) return std::nullopt;
  std::string_view token = field->substr(scheme.size());
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  return token;
}

// RFC 6750, 3: who sends no token is told no error.
void ask_for_token(http::Response& response) {
  http::answer_error(response, 401, "a bearer token is needed: Authorization: Bearer TOKEN");
  response.add_header("WWW-Authenticate", "Bearer");
}

void refuse(http::Response& response, Refusal refusal) {
  const std::string description(describe(refusal));
  http::answer_error(response, 401, description);
  response.add_header("WWW-Authenticate",
                      "Bearer error=\"invalid_token\", error_description=\"" + description + '"');
}

}  // namespace

http::Middleware authorise(std::shared_ptr<const TokenVerifier> verifier) {
  return [verifier = std::move(verifier)](http::Handler next) -> http::Handler {
    return [verifier, next = std::move(next)](http::Exchange& exchange) {
      const auto token = bearer_token(exchange.request);
      if (!token) return ask_for_token(exchange.response);
      auto claims = verifier->verify(*token);
      if (!claims) return refuse(exchange.response, claims.error());
      exchange.request.subject = std::move(claims->subject);
      next(exchange);
    };
  };
}

}  // namespace baton::auth
