// Clients of a listener with lanes: they connect, and tell in which lane they were accepted. Throws
// Failure when a call fails or a connection does not come.
#pragma once

#include "common/unique_fd.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace baton::runtime {

using Lanes = std::span<const UniqueFd>;
using Counts = std::array<unsigned, 2>;  // accepted in lane 0, in lane 1

// An IPv4 address in the order of the host: 0x7F000001.
using Ipv4 = std::uint32_t;

// Connects to the address of the lane, from any address or from one of 127.0.0.0/8. Closing it
// resets the connection, so that no port is kept in TIME_WAIT.
UniqueFd connect_to(const UniqueFd& lane);
UniqueFd connect_to(const UniqueFd& lane, Ipv4 from);

// Waits until so many connections have been accepted, in either lane.
Counts accept_from(Lanes lanes, unsigned count);

// Whether a connection waits.
bool is_waiting(const UniqueFd& lane);

// Where so many new connections went.
Counts split_of(Lanes lanes, unsigned count);

// The lane of one new connection.
unsigned lane_of(Lanes lanes, Ipv4 from);

}  // namespace baton::runtime
