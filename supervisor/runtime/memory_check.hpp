// Whether a second generation fits into memory beside the running one: asked before a deploy, so
// that the answer is a clear refusal instead of an OOM kill. A new generation is taken to need what
// the old one has now; swap is not counted on. The decision is pure; reading is a few small files
// of /proc and /sys, and what can't be read is unknown, which refuses nothing. No state.
#pragma once

#include "supervisor/core/types.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace baton::runtime {

// Bytes; nothing is unknown or unlimited.
struct MemoryFacts {
  std::optional<std::uint64_t> host_available;  // MemAvailable of /proc/meminfo
  // The least that is left under a limit of our cgroup or of one above it. Page cache that has not
  // been used lately counts as left: the kernel reclaims it first.
  std::optional<std::uint64_t> cgroup_left;
  std::string cgroup_file;  // that limit: "memory.max of /system.slice/baton.service"
  bool operator==(const MemoryFacts&) const = default;
};

// `root` is what stands for "/". Both versions of cgroups are looked at: a machine may have both.
MemoryFacts read_memory_facts(const std::filesystem::path& root = "/");

// What the processes have, in bytes: the sum of Pss, in which shared pages are shared out, or of
// RssAnon and RssShmem where smaps_rollup may not be read. One that has gone counts 0. The kernel
// walks page tables for it: some 10 ms a GiB.
std::uint64_t memory_of(std::span<const pid_t> pids, const std::filesystem::path& root = "/");

// No less than that, and soon known: the sum of VmRSS, in which a shared page counts for each of
// them.
std::uint64_t most_memory_of(std::span<const pid_t> pids, const std::filesystem::path& root = "/");

struct GenerationSize {
  core::GenerationNumber generation = 0;
  std::uint64_t bytes = 0;
};

// Nothing: there is room for another one like `running`. Else a sentence for the operator.
std::optional<std::string> why_memory_is_short(const GenerationSize& running,
                                               const MemoryFacts& facts);

}  // namespace baton::runtime
