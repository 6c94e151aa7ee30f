// What the kernel's text files say about memory: proc(5), cgroups(7), and cgroup-v2.rst and
// cgroup-v1/memory.rst of its documentation. Pure parsers. Text that says nothing valid, or no
// limit, reads as nothing: what is not known refuses no deploy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::runtime {

// The line "NAME:   123 kB" of /proc/meminfo, /proc/PID/status or /proc/PID/smaps_rollup, in bytes.
std::optional<std::uint64_t> parse_kilobyte_line(std::string_view text, std::string_view name);

// The line "NAME 123" of a cgroup's memory.stat, in bytes.
std::optional<std::uint64_t> parse_stat_line(std::string_view text, std::string_view name);

// A file that is one number of bytes: memory.current, memory.max and their like. No limit, which is
// "max" in version 2 and the largest whole number of pages in version 1, reads as nothing.
std::optional<std::uint64_t> parse_byte_count(std::string_view text);

// What one of the two kinds of cgroups calls its memory controller and the controller's files.
struct CgroupWords {
  std::string_view file_system;  // the type of the mount
  std::string_view controller;   // in /proc/self/cgroup, and a mount option; empty in version 2
  std::string_view limit;
  std::string_view usage;
  std::string_view reclaimable;  // in memory.stat: page cache that goes before anybody is killed
};

inline constexpr CgroupWords cgroup_v2{"cgroup2", "", "memory.max", "memory.current",
                                       "inactive_file"};
inline constexpr CgroupWords cgroup_v1{"cgroup", "memory", "memory.limit_in_bytes",
                                       "memory.usage_in_bytes", "total_inactive_file"};

// /proc/self/cgroup: the path of our cgroup within the hierarchy.
std::optional<std::string> parse_cgroup_path(std::string_view text, const CgroupWords& words);

struct CgroupMount {
  std::filesystem::path root;   // the part of the hierarchy that is mounted ...
  std::filesystem::path point;  // ... here
  bool operator==(const CgroupMount&) const = default;
};

// /proc/self/mountinfo: where the hierarchy can be read.
std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text, const CgroupWords& words);

}  // namespace baton::runtime
