// Tokens that no honest issuer would make: any header and any claims, signed with any key.
#pragma once

#include <string>
#include <string_view>

namespace baton::auth::test {

inline constexpr std::string_view key = "a key of forty bytes, for the tests only";
inline constexpr std::string_view good_header = R"({"alg":"HS256","typ":"JWT"})";

std::string base64url(std::string_view bytes);

// HMAC-SHA256 over both, whatever the header says.
std::string forge(std::string_view header, std::string_view claims,
                  std::string_view with_key = key);

}  // namespace baton::auth::test
