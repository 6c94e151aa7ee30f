#include "worker/auth/token.hpp"

#include <cjose/cjose.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace baton::auth {
namespace {

using Json = nlohmann::json;

constexpr std::size_t signature_characters = 43;  // 32 bytes in base64url

struct JwkDeleter {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
struct JwsDeleter {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
struct HeaderDeleter {
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
};
using Jwk = std::unique_ptr<cjose_jwk_t, JwkDeleter>;
using Jws = std::unique_ptr<cjose_jws_t, JwsDeleter>;
using Header = std::unique_ptr<cjose_header_t, HeaderDeleter>;

Error refuse(std::string why) {
  return {Errc::invalid_input, std::move(why)};
}

Jwk make_key(const Secret& secret) {
  cjose_err error{};
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(secret.bytes().data());
  Jwk key(cjose_jwk_create_oct_spec(bytes, secret.bytes().size(), &error));
  if (!key) throw Failure({Errc::system, std::string("cannot make a token key: ") + error.message});
  return key;
}

// Three parts, of which the last has the length of an HS256 signature: a comparison over fewer
// bytes must not come about at all.
bool has_the_shape(std::string_view token) {
  if (token.size() > max_token_bytes || std::count(token.begin(), token.end(), '.') != 2)
    return false;
  return token.size() - token.rfind('.') - 1 == signature_characters;
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
  return found->is_array() &&
         std::find(found->begin(), found->end(), Json(audience)) != found->end();
}

}  // namespace

struct TokenVerifier::Key {
  Jwk jwk;
};

TokenVerifier::TokenVerifier(const Secret& secret, TokenRules rules, WallClock clock)
    : key_(std::make_unique<Key>(Key{make_key(secret)})),
      rules_(std::move(rules)),
      clock_(std::move(clock)) {}

TokenVerifier::~TokenVerifier() = default;

Result<Claims> TokenVerifier::verify(std::string_view token) const {
  if (!has_the_shape(token)) return refuse("the token is malformed");
  const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
  if (!jws) return refuse("the token is malformed");

  cjose_header_t* const header = cjose_jws_get_protected(jws.get());  // the token's, not ours
  const char* const algorithm = cjose_header_get(header, CJOSE_HDR_ALG, nullptr);
  if (!algorithm || std::string_view(algorithm) != CJOSE_HDR_ALG_HS256) {
    return refuse("the token's algorithm is not allowed");
  }
  if (cjose_header_get_raw(header, "crit", nullptr)) {
    return refuse("the token demands an extension that is not known here");  // RFC 7515, 4.1.11
  }
  if (!cjose_jws_verify(jws.get(), key_->jwk.get(), nullptr)) {
    return refuse("the token's signature is wrong");
  }
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, nullptr)) {
    return refuse("the token is malformed");
  }
  Claims claims;
  if (auto checked = check_claims({reinterpret_cast<const char*>(bytes), size}, claims); !checked) {
    return checked.error();
  }
  return claims;
}

Result<void> TokenVerifier::check_claims(std::string_view payload, Claims& claims) const {
  const Json json = Json::parse(payload, nullptr, false);
  if (!json.is_object()) return refuse("the token is malformed");

  const double now = std::chrono::duration<double>(clock_().time_since_epoch()).count();
  const auto leeway = static_cast<double>(rules_.leeway.count());
  const auto expires = numeric_date(json, "exp");
  if (!expires) return refuse("the token has no expiry");
  if (now >= *expires + leeway) return refuse("the token has expired");
  if (json.contains("nbf")) {
    const auto not_before = numeric_date(json, "nbf");
    if (!not_before) return refuse("the token is malformed");
    if (now + leeway < *not_before) return refuse("the token is not valid yet");
  }
  const auto issuer = json.find("iss");
  if (issuer == json.end() || *issuer != rules_.issuer)
    return refuse("the token's issuer is wrong");
  if (!names_audience(json, rules_.audience)) return refuse("the token's audience is wrong");
  const auto subject = json.find("sub");
  if (subject == json.end() || !subject->is_string() ||
      subject->get_ref<const std::string&>().empty()) {
    return refuse("the token has no subject");
  }
  claims.subject = subject->get<std::string>();
  return {};
}

std::string mint_token(const Secret& secret, const TokenRules& rules, std::string_view subject,
                       std::chrono::system_clock::time_point now, std::chrono::seconds lifetime) {
  const auto issued =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string payload =
      Json{{"iss", rules.issuer}, {"aud", rules.audience}, {"sub", subject},
           {"iat", issued},       {"nbf", issued},         {"exp", issued + lifetime.count()}}
          .dump(-1, ' ', false, Json::error_handler_t::replace);
  cjose_err error{};
  const Jwk key = make_key(secret);
  const Header header(cjose_header_new(&error));
  const char* token = nullptr;
  const bool prepared =
      header && cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, &error);
  const Jws jws(prepared ? cjose_jws_sign(key.get(), header.get(),
                                          reinterpret_cast<const std::uint8_t*>(payload.data()),
                                          payload.size(), &error)
                         : nullptr);
  if (!jws || !cjose_jws_export(jws.get(), &token, &error)) {
    throw Failure({Errc::system, std::string("cannot sign a token: ") + error.message});
  }
  return token;
}

}  // namespace baton::auth
