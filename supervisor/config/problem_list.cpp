#include "supervisor/config/problem_list.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>

namespace baton::config {
namespace {

// A TOML string may hold any control character, and a message is one line for a terminal.
std::string without_controls(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      result += c;
      continue;
    }
    std::array<char, 5> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte);
    result += escaped.data();
  }
  return result;
}

}  // namespace

void ProblemList::add(const toml::source_position& where, std::string_view message) {
  problems_.push_back({file_, where.line, where.column, without_controls(message)});
}

Problems ProblemList::sorted() const {
  Problems result{problems_};
  std::stable_sort(result.list.begin(), result.list.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return result;
}

}  // namespace baton::config
