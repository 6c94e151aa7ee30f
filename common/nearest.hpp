// "Did you mean ...?": the known word that is nearest to a mistyped one. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace baton {

// The candidate with the smallest edit distance (insertions, deletions, substitutions and swaps of
// neighbours), if it is near enough to be what was meant: at most a third of the word's length.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace baton
