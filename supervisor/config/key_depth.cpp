#include "supervisor/config/key_depth.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace baton::config {
namespace {

// The length of the string that `text` begins with, quotes included (TOML v1.0.0, String).
std::size_t string_length(std::string_view text) {
  const char quote = text.front();
  const std::string three(3, quote);
  const bool multi_line = text.starts_with(three);
  const bool escapes = quote == '"';
  std::size_t at = multi_line ? 3 : 1;
  while (at < text.size()) {
    if (escapes && text[at] == '\\') {
      at += 2;
    } else if (multi_line && text.substr(at).starts_with(three)) {
      // Up to two more quotes belong to the string's end.
      const std::size_t end = std::min(text.find_first_not_of(quote, at), text.size());
      return std::min(end, at + 5);
    } else if (!multi_line && (text[at] == quote || text[at] == '\n')) {
      return at + (text[at] == quote ? 1 : 0);
    } else {
      ++at;
    }
  }
  return text.size();
}

std::size_t token_length(std::string_view text) {
  if (text.front() == '"' || text.front() == '\'') return string_length(text);
  if (text.front() == '#') return std::min(text.find('\n'), text.size());
  return 1;
}

Position position_of(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = lines == 0 ? 0 : before.rfind('\n') + 1;
  return {static_cast<unsigned>(lines) + 1, static_cast<unsigned>(at - line_start) + 1};
}

}  // namespace

std::optional<Position> too_deep_key(std::string_view text) {
  constexpr std::string_view ends_a_key = "\n=,[]{}";
  unsigned parts = 1;
  for (std::size_t at = 0; at < text.size(); at += token_length(text.substr(at))) {
    if (ends_a_key.find(text[at]) != ends_a_key.npos) parts = 1;
    if (text[at] == '.' && ++parts > most_key_parts) return position_of(text, at);
  }
  return std::nullopt;
}

}  // namespace baton::config
