// What may be the name of an item. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton::items {

inline constexpr std::size_t longest_name = 200;

// Nothing when `name` is 1 to 200 characters (Unicode code points) of well-formed UTF-8 without
// control characters; else what is wrong with it.
std::optional<std::string> problem_with_name(std::string_view name);

}  // namespace baton::items
