// Base64url without padding: RFC 4648, 5, in the form of RFC 7515, 2. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton::auth {

std::string encode_base64url(std::string_view bytes);

// Nothing when `text` is not exactly what encode_base64url() makes of some bytes: padding, foreign
// characters and set bits after the last byte are refused, so that no two texts mean the same.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace baton::auth
