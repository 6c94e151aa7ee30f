#include "common/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace baton {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

// Largest first, which is also the order in which parse_duration() wants them.
constexpr std::array<Unit, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr double longest_ms = 365.0 * 86'400'000;

Error bad_duration(std::string_view text, std::string_view why) {
  return {Errc::invalid_input, "bad duration '" + std::string(text) + "': " + std::string(why) +
                                   "; write it like 250ms, 10s or 1m30s"};
}

std::size_t unit_index(std::string_view name) {
  std::size_t index = 0;
  while (index < units.size() && units[index].name != name)
    ++index;
  return index;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return bad_duration(text, "it is empty");
  if (text == "0") return Duration{0};

  double total = 0;
  std::size_t next_unit = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    const bool starts_with_digit = rest.front() >= '0' && rest.front() <= '9';
    if (error != std::errc{} || !starts_with_digit)
      return bad_duration(text, "a number is missing");
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));

    const std::size_t name_length = std::min(rest.find_first_of("0123456789."), rest.size());
    const std::string_view name = rest.substr(0, name_length);
    rest.remove_prefix(name_length);
    if (name.empty()) return bad_duration(text, "the unit is missing (ms, s, m, h or d)");
    const std::size_t unit = unit_index(name);
    if (unit == units.size()) {
      return bad_duration(text, "unknown unit '" + std::string(name) + "' (ms, s, m, h or d)");
    }
    if (unit < next_unit) return bad_duration(text, "units go from large to small, each once");
    next_unit = unit + 1;
    total += number * static_cast<double>(units[unit].milliseconds);
    if (!(total <= longest_ms)) return bad_duration(text, "it is longer than 365 days");
  }
  return Duration{std::llround(total)};
}

std::string format_duration(Duration duration) {
  if (duration.count() == 0) return "0s";
  std::string text = duration.count() < 0 ? "-" : "";
  std::int64_t rest = std::abs(duration.count());
  for (const Unit& unit : units) {
    if (const std::int64_t count = rest / unit.milliseconds; count > 0) {
      text += std::to_string(count) + std::string(unit.name);
      rest %= unit.milliseconds;
    }
  }
  return text;
}

}  // namespace baton
