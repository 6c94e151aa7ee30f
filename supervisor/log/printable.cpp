#include "supervisor/log/printable.hpp"

#include <cstddef>
#include <cstdint>

namespace baton::log {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

bool continues(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0) == 0x80;
}

// The length of the well-formed sequence that `bytes` begins with; 0 when it begins with none.
// The second byte's narrower ranges exclude overlong forms, surrogates and what is over U+10FFFF.
std::size_t sequence_length(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0x80) return 1;
  if (!continues(bytes, 1)) return 0;
  const auto second = static_cast<unsigned char>(bytes[1]);
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) {
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    return continues(bytes, 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return continues(bytes, 2) && continues(bytes, 3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, unsigned char code) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\x";
  out += digits[code >> 4];
  out += digits[code & 0x0F];
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    const auto first = static_cast<unsigned char>(bytes[0]);
    if (length == 0) {
      out += replacement;
      bytes.remove_prefix(1);
      continue;
    }
    if (length == 1 && (first < 0x20 || first == 0x7F) && first != '\t') {
      append_escaped(out, first);
    } else if (length == 2 && first == 0xC2 && static_cast<unsigned char>(bytes[1]) < 0xA0) {
      append_escaped(out, static_cast<unsigned char>(bytes[1]));
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length);
  }
  return out;
}

}  // namespace baton::log
