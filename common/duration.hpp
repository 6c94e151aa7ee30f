// Durations as people write them: "250ms", "10s", "1m30s", "2h". Pure functions.
#pragma once

#include "common/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace baton {

using Duration = std::chrono::milliseconds;

// Reads one or more NUMBER UNIT pairs, units ms, s, m, h, d, largest first: "1m30s". Decimals are
// allowed ("1.5s"), a sign is not, and a bare number is refused because its unit would be a guess
// (but "0" is zero in any unit). At most 365 days. Errc::invalid_input says what is wrong.
Result<Duration> parse_duration(std::string_view text);

// The shortest form that parse_duration() reads back to the same value: "1m30s", "250ms", "0s".
std::string format_duration(Duration duration);

}  // namespace baton
