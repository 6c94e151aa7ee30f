// What the kernel has dropped on this host, by its own counters (/proc/net/netstat, proc(5)): a
// client that Baton never heard of is counted here. They are of the whole network namespace, so in
// an account they are a hint, and no proof.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace baton::runtime {

using KernelDrops = std::map<std::string, std::uint64_t>;

// The counters of lost connections in the text of /proc/net/netstat. What can't be read is left
// out.
KernelDrops parse_kernel_drops(std::string_view netstat);

// Of the file; empty where it can't be read.
KernelDrops read_kernel_drops();

// Those that are larger in `after`, by how much.
KernelDrops grown(const KernelDrops& before, const KernelDrops& after);

}  // namespace baton::runtime
