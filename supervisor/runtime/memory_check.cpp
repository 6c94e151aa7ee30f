#include "supervisor/runtime/memory_check.hpp"

#include "common/unique_fd.hpp"
#include "supervisor/runtime/memory_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace baton::runtime {
namespace {

using std::filesystem::path;

constexpr std::uint64_t mebibyte = 1024 * 1024;

std::optional<std::string> text_of(const path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text;
  std::array<char, 8192> chunk{};
  for (;;) {
    const ssize_t count = ::read(fd.get(), chunk.data(), chunk.size());
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

std::uint64_t minus(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : 0;
}

std::optional<std::uint64_t> left_in(const path& directory, const CgroupWords& words) {
  const auto limit = parse_byte_count(text_of(directory / words.limit).value_or(""));
  const auto usage = parse_byte_count(text_of(directory / words.usage).value_or(""));
  if (!limit || !usage) return std::nullopt;
  const std::string stat = text_of(directory / "memory.stat").value_or("");
  return minus(*limit, minus(*usage, parse_stat_line(stat, words.reclaimable).value_or(0)));
}

// Our cgroup below the mount's root, "" for the root itself; nothing if it is not in this mount.
std::optional<path> below(const CgroupMount& mount, const path& cgroup) {
  const path relative = cgroup.lexically_normal().lexically_relative(mount.root);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative == "." ? path() : relative;
}

// Looks at our cgroup and at all above it that can be seen.
void look_at(const path& root, const CgroupWords& words, MemoryFacts& facts) {
  const auto ours = parse_cgroup_path(text_of(root / "proc/self/cgroup").value_or(""), words);
  if (!ours) return;
  const std::string mounts = text_of(root / "proc/self/mountinfo").value_or("");
  for (const CgroupMount& mount : parse_cgroup_mounts(mounts, words)) {
    const auto relative = below(mount, *ours);
    if (!relative) continue;
    for (path cgroup = *relative;; cgroup = cgroup.parent_path()) {
      const auto left = left_in(root / mount.point.relative_path() / cgroup, words);
      if (left && *left < facts.cgroup_left.value_or(*left + 1)) {
        facts.cgroup_left = left;
        const path shown = cgroup.empty() ? mount.root : mount.root / cgroup;
        facts.cgroup_file = std::string(words.limit) + " of " + shown.string();
      }
      if (cgroup.empty()) break;
    }
  }
}

std::uint64_t memory_of(pid_t pid, const path& root) {
  const path directory = root / "proc" / std::to_string(pid);
  if (const auto rollup = text_of(directory / "smaps_rollup")) {
    return parse_kilobyte_line(*rollup, "Pss").value_or(0);
  }
  const std::string status = text_of(directory / "status").value_or("");
  return parse_kilobyte_line(status, "RssAnon").value_or(0) +
         parse_kilobyte_line(status, "RssShmem").value_or(0);
}

template <class MemoryOf>
std::uint64_t sum_of(std::span<const pid_t> pids, MemoryOf memory_of_one) {
  std::uint64_t sum = 0;
  for (const pid_t pid : pids)
    sum += memory_of_one(pid);
  return sum;
}

std::string mebibytes(std::uint64_t count) {
  return std::to_string(count) + " MiB";
}

}  // namespace

MemoryFacts read_memory_facts(const path& root) {
  MemoryFacts facts;
  const std::string meminfo = text_of(root / "proc/meminfo").value_or("");
  facts.host_available = parse_kilobyte_line(meminfo, "MemAvailable");
  look_at(root, cgroup_v2, facts);
  look_at(root, cgroup_v1, facts);
  return facts;
}

std::uint64_t memory_of(std::span<const pid_t> pids, const path& root) {
  return sum_of(pids, [&](pid_t pid) { return memory_of(pid, root); });
}

std::uint64_t most_memory_of(std::span<const pid_t> pids, const path& root) {
  return sum_of(pids, [&](pid_t pid) {
    const auto status = text_of(root / "proc" / std::to_string(pid) / "status");
    return parse_kilobyte_line(status.value_or(""), "VmRSS").value_or(0);
  });
}

// Rounded away from each other, so that the two numbers differ as the two sizes do.
std::optional<std::string> why_memory_is_short(const GenerationSize& running,
                                               const MemoryFacts& facts) {
  constexpr std::uint64_t unlimited = ~std::uint64_t{0};
  const std::uint64_t on_host = facts.host_available.value_or(unlimited);
  const std::uint64_t in_cgroup = facts.cgroup_left.value_or(unlimited);
  const std::uint64_t left = std::min(on_host, in_cgroup);
  if (running.bytes <= left) return std::nullopt;
  const bool host_decides = on_host < in_cgroup;
  return "a second generation beside the running one may need " +
         mebibytes(running.bytes / mebibyte + (running.bytes % mebibyte > 0 ? 1 : 0)) +
         " more (what generation " + std::to_string(running.generation) + " has now), but only " +
         mebibytes(left / mebibyte) + " are left (" +
         (host_decides ? "MemAvailable of /proc/meminfo" : facts.cgroup_file) + "); free some, " +
         (host_decides ? "" : "raise the limit, ") + "or deploy with --ignore-memory";
}

}  // namespace baton::runtime
