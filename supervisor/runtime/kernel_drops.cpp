#include "supervisor/runtime/kernel_drops.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>

namespace baton::runtime {
namespace {

constexpr std::string_view table = "TcpExt:";

// Connections that never reached accept(2), and those that were reset with something in them.
constexpr std::array<std::string_view, 8> of_interest{
    "ListenOverflows", "ListenDrops",      "TCPReqQFullDrop",  "TCPAbortOnData",
    "TCPAbortOnClose", "TCPAbortOnMemory", "TCPAbortOnLinger", "TCPAbortFailed"};

std::string_view next(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view item = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return item;
}

// The next line of the table, without its name.
std::string_view next_row(std::string_view& text) {
  while (!text.empty()) {
    std::string_view line = next(text, '\n');
    if (!line.starts_with(table)) continue;
    line.remove_prefix(table.size());
    if (line.starts_with(' ')) line.remove_prefix(1);
    return line;
  }
  return {};
}

}  // namespace

KernelDrops parse_kernel_drops(std::string_view netstat) {
  std::string_view names = next_row(netstat);
  std::string_view values = next_row(netstat);
  KernelDrops drops;
  while (!names.empty() && !values.empty()) {
    const std::string_view name = next(names, ' ');
    const std::string_view text = next(values, ' ');
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (whole && std::ranges::find(of_interest, name) != of_interest.end()) {
      drops.emplace(name, value);
    }
  }
  return drops;
}

KernelDrops read_kernel_drops() {
  std::ifstream file("/proc/net/netstat");
  return parse_kernel_drops(std::string(std::istreambuf_iterator<char>(file), {}));
}

KernelDrops grown(const KernelDrops& before, const KernelDrops& after) {
  KernelDrops result;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old != before.end() && value > old->second) result.emplace(name, value - old->second);
  }
  return result;
}

}  // namespace baton::runtime
