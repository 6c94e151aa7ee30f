#include "worker/auth/token.hpp"

#include "worker/auth/base64url.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <utility>

namespace baton::auth {
namespace {

using Json = nlohmann::json;

// The three parts of a JWS in compact form (RFC 7515, 3.1), still encoded.
struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_text;  // "header.claims"
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > max_token_bytes || std::count(token.begin(), token.end(), '.') != 2) {
    return std::nullopt;
  }
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  return Parts{.header = token.substr(0, first),
               .claims = token.substr(first + 1, last - first - 1),
               .signature = token.substr(last + 1),
               .signed_text = token.substr(0, last)};
}

// The object in `text`; null when there is none.
Json parse_object(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json : Json();
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::optional<Refusal> check_header(std::string_view text) {
  const Json header = parse_object(text);
  if (header.is_null()) return Refusal::malformed;
  const auto algorithm = header.find("alg");
  if (algorithm == header.end() || *algorithm != "HS256") return Refusal::wrong_algorithm;
  // The same secret may sign other things than tokens for us (RFC 8725, 3.11).
  const auto type = header.find("typ");
  if (type != header.end() &&
      !(type->is_string() && equal_ignoring_case(type->get_ref<const std::string&>(), "JWT"))) {
    return Refusal::wrong_type;
  }
  if (header.contains("crit")) return Refusal::unknown_extension;  // RFC 7515, 4.1.11
  return std::nullopt;
}

// Seconds since 1970 (RFC 7519, NumericDate); nothing when it is no finite number.
std::optional<double> numeric_date(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool names_audience(const Json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return *found == audience;
  return found->is_array() && std::ranges::find(*found, Json(audience)) != found->end();
}

}  // namespace

TokenVerifier::TokenVerifier(const Secret& secret, TokenRules rules, WallClock clock)
    : hmac_(secret.bytes()), rules_(std::move(rules)), clock_(std::move(clock)) {}

Verdict<Claims> TokenVerifier::verify(std::string_view token) const {
  const auto parts = split(token);
  if (!parts) return Refusal::malformed;
  const auto header = decode_base64url(parts->header);
  const auto claims = decode_base64url(parts->claims);
  if (!header || !claims) return Refusal::malformed;
  if (const auto refusal = check_header(*header)) return *refusal;
  const auto signature = decode_base64url(parts->signature);
  if (!signature || !hmac_.is_of(parts->signed_text, *signature)) return Refusal::bad_signature;
  return check_claims(*claims);
}

Verdict<Claims> TokenVerifier::check_claims(std::string_view text) const {
  const Json claims = parse_object(text);
  if (claims.is_null()) return Refusal::malformed;

  const double now = std::chrono::duration<double>(clock_().time_since_epoch()).count();
  const auto leeway = static_cast<double>(rules_.leeway.count());
  const auto expires = numeric_date(claims, "exp");
  if (!expires) return Refusal::no_expiry;
  if (now >= *expires + leeway) return Refusal::expired;
  if (claims.contains("nbf")) {
    const auto not_before = numeric_date(claims, "nbf");
    if (!not_before) return Refusal::malformed;
    if (now + leeway < *not_before) return Refusal::not_yet_valid;
  }
  const auto issuer = claims.find("iss");
  if (issuer == claims.end() || *issuer != rules_.issuer) return Refusal::wrong_issuer;
  if (!names_audience(claims, rules_.audience)) return Refusal::wrong_audience;
  const auto subject = claims.find("sub");
  if (subject == claims.end() || !subject->is_string() || *subject == "") {
    return Refusal::no_subject;
  }
  return Claims{subject->get<std::string>()};
}

std::string mint_token(const Secret& secret, const TokenRules& rules, std::string_view subject,
                       std::chrono::system_clock::time_point now, std::chrono::seconds lifetime) {
  const auto issued =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const Json claims{{"iss", rules.issuer}, {"aud", rules.audience},
                    {"sub", subject},      {"iat", issued},
                    {"nbf", issued},       {"exp", issued + lifetime.count()}};
  const std::string text = claims.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string token =
      encode_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + encode_base64url(text);
  const HmacSha256::Mac mac = HmacSha256(secret.bytes()).of(token);
  return token + "." + encode_base64url({mac.data(), mac.size()});
}

}  // namespace baton::auth
