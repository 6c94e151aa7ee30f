// A guard in front of toml++ 3.3, which makes a table for each part of a dotted key, sets no limit
// to their number, and frees nested tables recursively: a line "a.a.a. ..." of 100 KiB overflows
// the stack. (Brackets it counts itself.) Pure.
#pragma once

#include <optional>
#include <string_view>

namespace baton::config {

// Twice what the deepest key of a config file needs: services.NAME.restart.limit.
inline constexpr unsigned most_key_parts = 8;

struct Position {
  unsigned line = 1;
  unsigned column = 1;  // in bytes
  bool operator==(const Position&) const = default;
};

// Where the first key with too many parts becomes too deep. Text that is not TOML is no error here.
std::optional<Position> too_deep_key(std::string_view text);

}  // namespace baton::config
