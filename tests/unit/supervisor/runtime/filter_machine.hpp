// Runs the classic BPF programs of lanes.hpp on a made-up packet, for the clients that a test can't
// have. lanes_test compares it with the kernel. Pure.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

namespace baton::runtime {

// `network` is the packet from its network header on. Throws std::logic_error for an instruction it
// does not know; there is no random here.
std::uint32_t run_filter(std::span<const sock_filter> program,
                         const std::vector<std::uint8_t>& network);

// As much of the header as a filter looks at.
std::vector<std::uint8_t> ipv4_header(std::uint32_t from);
std::vector<std::uint8_t> ipv6_header(const std::vector<std::uint8_t>& from);

}  // namespace baton::runtime
