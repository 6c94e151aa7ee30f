#include "worker/auth/token.hpp"

#include "tests/unit/worker/auth/forge.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton::auth {
namespace {

using namespace std::chrono_literals;
using test::base64url;
using test::forge;
using test::good_header;

const TokenRules rules{.issuer = "baton", .audience = "items"};
const std::chrono::system_clock::time_point now{1'800'000'000s};
const std::string good_claims =
    R"({"iss":"baton","aud":"items","sub":"me","exp":1800000060,"nbf":1800000000})";

Secret secret() {
  return Secret::from_text(std::string(test::key)).value();
}

Verdict<Claims> verify(std::string_view token, std::chrono::seconds leeway = 0s) {
  TokenRules ours = rules;
  ours.leeway = leeway;
  return TokenVerifier(secret(), ours, [] { return now; }).verify(token);
}

struct Case {
  std::string name;
  std::string token;
  Refusal reason;
};

std::string claims_with(std::string_view from, std::string_view to) {
  std::string claims = good_claims;
  return claims.replace(claims.find(from), from.size(), to);
}

std::string without_signature(const std::string& token) {
  return token.substr(0, token.rfind('.') + 1);
}

std::vector<Case> shapes() {
  const std::string good = forge(good_header, good_claims);
  return {
      {"Empty", "", Refusal::malformed},
      {"OnePart", "abc", Refusal::malformed},
      {"TwoParts", good.substr(0, good.rfind('.')), Refusal::malformed},
      {"FourParts", good + ".abc", Refusal::malformed},
      {"OnlyDots", "..", Refusal::malformed},
      {"NoHeader", good.substr(good.find('.')), Refusal::malformed},
      {"HeaderIsNoJson", forge("alg", good_claims), Refusal::malformed},
      {"HeaderIsArray", forge(R"(["HS256"])", good_claims), Refusal::malformed},
      {"TooLong", forge(good_header, claims_with("me", std::string(4096, 'm'))),
       Refusal::malformed},
      {"ClaimsAreNoJson", forge(good_header, "claims"), Refusal::malformed},
      {"ClaimsAreArray", forge(good_header, "[1]"), Refusal::malformed},
      {"ClaimsAreCutOff", forge(good_header, good_claims.substr(0, 20)), Refusal::malformed},
      {"ClaimsAreNoUtf8", forge(good_header, claims_with("me", "\xff\xfe")), Refusal::malformed},
  };
}

std::vector<Case> headers() {
  const auto with = [](std::string_view header) { return forge(header, good_claims); };
  const std::string none = R"({"alg":"none","typ":"JWT"})";
  return {
      {"None", with(none), Refusal::wrong_algorithm},
      {"NoneUnsigned", without_signature(with(none)), Refusal::wrong_algorithm},
      {"NoneInCapitals", without_signature(with(R"({"alg":"NONE"})")), Refusal::wrong_algorithm},
      {"NoAlgorithm", with(R"({"typ":"JWT"})"), Refusal::wrong_algorithm},
      {"EmptyAlgorithm", with(R"({"alg":""})"), Refusal::wrong_algorithm},
      {"AlgorithmIsNumber", with(R"({"alg":256})"), Refusal::wrong_algorithm},
      {"AlgorithmIsNull", with(R"({"alg":null})"), Refusal::wrong_algorithm},
      {"AlgorithmInSmallLetters", with(R"({"alg":"hs256"})"), Refusal::wrong_algorithm},
      {"RS256", with(R"({"alg":"RS256","typ":"JWT"})"), Refusal::wrong_algorithm},
      {"ES256", with(R"({"alg":"ES256","typ":"JWT"})"), Refusal::wrong_algorithm},
      {"HS384", with(R"({"alg":"HS384","typ":"JWT"})"), Refusal::wrong_algorithm},
      {"HS512", with(R"({"alg":"HS512","typ":"JWT"})"), Refusal::wrong_algorithm},
      {"OtherType", with(R"({"alg":"HS256","typ":"secevent+jwt"})"), Refusal::wrong_type},
      {"TypeIsNumber", with(R"({"alg":"HS256","typ":1})"), Refusal::wrong_type},
      {"Critical", with(R"({"alg":"HS256","crit":["b64"],"b64":false})"),
       Refusal::unknown_extension},
  };
}

std::vector<Case> signatures() {
  const std::string good = forge(good_header, good_claims);
  const std::string other = forge(good_header, claims_with("me", "root"));
  const std::string signature = good.substr(good.rfind('.') + 1);
  std::string flipped = good;
  flipped.end()[-20] = flipped.end()[-20] == 'A' ? 'B' : 'A';
  return {
      {"OtherKey", forge(good_header, good_claims, "another key, it has forty bytes as well."),
       Refusal::bad_signature},
      {"OtherClaims", without_signature(other) + signature, Refusal::bad_signature},
      {"OneBitFlipped", flipped, Refusal::bad_signature},
      {"None", without_signature(good), Refusal::bad_signature},
      {"OneByte", without_signature(good) + signature.substr(0, 2), Refusal::bad_signature},
      {"OneCharacterShort", good.substr(0, good.size() - 1), Refusal::bad_signature},
      {"OneCharacterLong", good + "A", Refusal::bad_signature},
      {"ForeignCharacters", good + "=", Refusal::bad_signature},
      {"Blank", good + " ", Refusal::bad_signature},
      {"LineBreak", good + "\n", Refusal::bad_signature},
      {"NulByte", good + std::string(1, '\0'), Refusal::bad_signature},
      {"ClaimsNotLookedAtFirst", forge(good_header, "claims", "a wrong key"),
       Refusal::bad_signature},
  };
}

std::vector<Case> claims() {
  const auto with = [](std::string_view from, std::string_view to) {
    return forge(good_header, claims_with(from, to));
  };
  return {
      {"NoExpiry", with(R"("exp":1800000060,)", ""), Refusal::no_expiry},
      {"ExpiryIsText", with("1800000060", R"("1800000060")"), Refusal::no_expiry},
      {"ExpiryIsNull", with("1800000060", "null"), Refusal::no_expiry},
      {"Expired", with("1800000060", "1799999999"), Refusal::expired},
      {"ExpiresThisSecond", with("1800000060", "1800000000"), Refusal::expired},
      {"ExpiredLongAgo", with("1800000060", "-1e300"), Refusal::expired},
      {"NotYetValid", with("1800000000", "1800000001"), Refusal::not_yet_valid},
      {"NotYetValidForLong", with("1800000000", "1e300"), Refusal::not_yet_valid},
      {"NotBeforeIsText", with(R"("nbf":1800000000)", R"("nbf":"now")"), Refusal::malformed},
      {"WrongIssuer", with("baton", "baton "), Refusal::wrong_issuer},
      {"NoIssuer", with(R"("iss":"baton",)", ""), Refusal::wrong_issuer},
      {"IssuerIsList", with(R"("baton")", R"(["baton"])"), Refusal::wrong_issuer},
      {"WrongAudience", with("items", "item"), Refusal::wrong_audience},
      {"NoAudience", with(R"("aud":"items",)", ""), Refusal::wrong_audience},
      {"AudienceIsNumber", with(R"("items")", "1"), Refusal::wrong_audience},
      {"AudienceListWithoutUs", with(R"("items")", R"(["a",["items"]])"), Refusal::wrong_audience},
      {"AudienceListEmpty", with(R"("items")", "[]"), Refusal::wrong_audience},
      {"NoSubject", with(R"("sub":"me",)", ""), Refusal::no_subject},
      {"EmptySubject", with(R"("me")", R"("")"), Refusal::no_subject},
      {"SubjectIsNumber", with(R"("me")", "7"), Refusal::no_subject},
  };
}

class BadToken : public testing::TestWithParam<Case> {};

TEST_P(BadToken, IsRefusedWithItsReason) {
  const auto verdict = verify(GetParam().token);
  ASSERT_TRUE(verdict.has_error());
  EXPECT_EQ(to_string(verdict.error()), to_string(GetParam().reason));
}

const auto name_of = [](const testing::TestParamInfo<Case>& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Shape, BadToken, testing::ValuesIn(shapes()), name_of);
INSTANTIATE_TEST_SUITE_P(Header, BadToken, testing::ValuesIn(headers()), name_of);
INSTANTIATE_TEST_SUITE_P(Signature, BadToken, testing::ValuesIn(signatures()), name_of);
INSTANTIATE_TEST_SUITE_P(Claims, BadToken, testing::ValuesIn(claims()), name_of);

TEST(Token, GoodOnesPassAndNameTheirSubject) {
  const std::vector<std::string> good = {
      forge(good_header, good_claims),
      forge(R"({"alg":"HS256"})", good_claims),              // no type
      forge(R"({"typ":"jwt","alg":"HS256"})", good_claims),  // the type in small letters
      forge(R"({"alg":"HS256","kid":"7"})", good_claims),
      forge(good_header, claims_with(R"("items")", R"(["other","items"])")),
      forge(good_header, claims_with(R"(,"nbf":1800000000)", "")),
      forge(good_header, claims_with("1800000060", "1800000000.5")),  // fractions of a second
      forge(good_header, claims_with("1800000060", "1e300")),
  };
  for (const std::string& token : good) {
    const auto verdict = verify(token);
    ASSERT_TRUE(verdict.has_value()) << token << ": " << to_string(verdict.error());
    EXPECT_EQ(verdict->subject, "me");
  }
}

TEST(Token, LeewayStretchesBothEnds) {
  const std::string expired = forge(good_header, claims_with("1800000060", "1799999996"));
  const std::string early = forge(good_header, claims_with("1800000000", "1800000005"));
  EXPECT_TRUE(verify(expired, 5s).has_value());
  EXPECT_EQ(verify(expired, 4s).error(), Refusal::expired);
  EXPECT_TRUE(verify(early, 5s).has_value());
  EXPECT_EQ(verify(early, 4s).error(), Refusal::not_yet_valid);
}

TEST(Token, OfTheLongestSizeIsRead) {
  std::string filler;
  std::string token;
  while (token.size() < max_token_bytes - 2) {
    token = forge(good_header, claims_with("me", "me" + filler));
    filler += 'e';
  }
  ASSERT_LE(token.size(), max_token_bytes);
  EXPECT_TRUE(verify(token).has_value());
}

// The example of RFC 7515, appendix A.1: signed by somebody else's library.
TEST(Token, OfTheRfcHasAGoodSignature) {
  const std::string rfc_key =
      "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9"
      "\x28\xa9\x0f\x84\xb2\xd2\x50\x2e\xbf\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62"
      "\x3d\x22\x3d\x2e\x21\x72\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3";
  const TokenVerifier verifier(
      Secret::from_text(rfc_key).value(), {.issuer = "joe", .audience = "items"},
      [] { return std::chrono::system_clock::time_point(1'300'000'000s); });
  const auto verdict = verifier.verify(
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  EXPECT_EQ(verdict.error(), Refusal::wrong_audience);  // it names none; all before that was right
}

TEST(Token, MintedOnesAreGoodForTheirLifetime) {
  const std::string token = mint_token(secret(), rules, "somebody \"quoted\"", now, 60s);
  EXPECT_EQ(verify(token)->subject, "somebody \"quoted\"");

  const auto verify_at = [&](std::chrono::system_clock::time_point time) {
    return TokenVerifier(secret(), rules, [time] { return time; }).verify(token);
  };
  EXPECT_TRUE(verify_at(now + 59s).has_value());
  EXPECT_EQ(verify_at(now + 60s).error(), Refusal::expired);
  EXPECT_EQ(verify_at(now - 1s).error(), Refusal::not_yet_valid);
}

TEST(Token, MintedOnesFitAHeader) {
  const std::string token = mint_token(secret(), rules, "me", now, 60s);
  EXPECT_EQ(token.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789-_."),
            std::string::npos);
}

TEST(Refusal, EachHasItsOwnReasonAndSentence) {
  EXPECT_EQ(to_string(Refusal::malformed), "malformed");
  EXPECT_EQ(to_string(Refusal::no_subject), "no_subject");
  for (int i = 0; i <= static_cast<int>(Refusal::no_subject); ++i) {
    const auto refusal = static_cast<Refusal>(i);
    EXPECT_NE(to_string(refusal), "unknown");
    EXPECT_EQ(describe(refusal).find('"'), std::string_view::npos);
    for (int j = 0; j < i; ++j) {
      EXPECT_NE(to_string(refusal), to_string(static_cast<Refusal>(j)));
      EXPECT_NE(describe(refusal), describe(static_cast<Refusal>(j)));
    }
  }
}

}  // namespace
}  // namespace baton::auth
