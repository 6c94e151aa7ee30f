#include "supervisor/runtime/memory_files.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace baton::runtime {
namespace {

constexpr std::uint64_t kilobyte = 1024;
// PAGE_COUNTER_MAX in bytes: no limit, in version 1. With pages of more than 4 KiB it is smaller.
constexpr std::uint64_t least_no_limit = std::numeric_limits<std::int64_t>::max() - 0xffff;

// Calls `visit` for each part of `text` between separators.
template <class Visit>
void each_part(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  each_part(text, separator, [&](std::string_view part) { parts.push_back(part); });
  return parts;
}

bool holds(std::string_view list, std::string_view word) {
  const auto words = split(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view without_leading_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

// A number that `text` consists of, but for `unit` at its end.
std::optional<std::uint64_t> number(std::string_view text, std::string_view unit) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || std::string_view(end, text.data() + text.size()) != unit) return {};
  return value;
}

// What follows `name` and blanks on the first line that begins so.
std::optional<std::string_view> line_of(std::string_view text, std::string_view name) {
  std::optional<std::string_view> found;
  each_part(text, '\n', [&](std::string_view line) {
    if (found || !line.starts_with(name)) return;
    line.remove_prefix(name.size());
    if (line.starts_with(' ') || line.starts_with('\t')) found = without_leading_blanks(line);
  });
  return found;
}

// Blanks in a path of mountinfo are written as \040, and so on.
std::string without_escapes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    unsigned value = 0;
    const std::string_view digits = text.substr(1, 3);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
    const bool escaped = text.front() == '\\' && digits.size() == 3 && error == std::errc{} &&
                         end == digits.data() + 3 && value < 256;
    result += escaped ? static_cast<char>(value) : text.front();
    text.remove_prefix(escaped ? 4 : 1);
  }
  return result;
}

}  // namespace

std::optional<std::uint64_t> parse_kilobyte_line(std::string_view text, std::string_view name) {
  const auto line = line_of(text, std::string(name) + ":");
  const auto value = line ? number(*line, " kB") : std::nullopt;
  if (!value || *value > std::numeric_limits<std::uint64_t>::max() / kilobyte) return {};
  return *value * kilobyte;
}

std::optional<std::uint64_t> parse_stat_line(std::string_view text, std::string_view name) {
  const auto line = line_of(text, name);
  return line ? number(*line, "") : std::nullopt;
}

std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
  const auto value = number(text, "\n");
  return value && *value < least_no_limit ? value : std::nullopt;
}

// "HIERARCHY:CONTROLLERS:PATH", where the path may hold colons.
std::optional<std::string> parse_cgroup_path(std::string_view text, const CgroupWords& words) {
  std::optional<std::string> path;
  each_part(text, '\n', [&](std::string_view line) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos || !line.substr(second + 1).starts_with('/')) return;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool is_it =
        words.controller.empty() ? line.starts_with("0::") : holds(controllers, words.controller);
    if (is_it) path = line.substr(second + 1);
  });
  return path;
}

// "ID PARENT DEVICE ROOT POINT OPTIONS... - TYPE SOURCE SUPER_OPTIONS"
std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text, const CgroupWords& words) {
  std::vector<CgroupMount> mounts;
  each_part(text, '\n', [&](std::string_view line) {
    const std::size_t dash = line.find(" - ");
    if (dash == line.npos) return;
    const auto before = split(line.substr(0, dash), ' ');
    const auto after = split(line.substr(dash + 3), ' ');
    if (before.size() < 6 || after.size() < 3 || after[0] != words.file_system) return;
    if (!words.controller.empty() && !holds(after[2], words.controller)) return;
    mounts.push_back({without_escapes(before[3]), without_escapes(before[4])});
  });
  return mounts;
}

}  // namespace baton::runtime
