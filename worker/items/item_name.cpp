#include "worker/items/item_name.hpp"

#include <cstdint>

namespace baton::items {
namespace {

// Takes one code point off the front (RFC 3629); nothing when it is malformed.
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return std::nullopt;
  std::uint32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return std::nullopt;
    point = point << 6 | (next & 0x3Fu);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return std::nullopt;
  text.remove_prefix(length);
  return point;
}

bool is_control(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

}  // namespace

std::optional<std::string> problem_with_name(std::string_view name) {
  std::size_t characters = 0;
  while (!name.empty()) {
    const auto point = take_code_point(name);
    if (!point) return "'name' is not well-formed UTF-8";
    if (is_control(*point)) return "'name' must not hold control characters";
    if (++characters > longest_name) return "'name' has more than 200 characters";
  }
  if (characters == 0) return "'name' must not be empty";
  return std::nullopt;
}

}  // namespace baton::items
