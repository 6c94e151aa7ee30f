// How the kernel splits the new connections of one TCP address between two sockets, lane 0 and lane
// 1: a classic BPF program on their SO_REUSEPORT group (socket(7)) picks the socket. Setting
// another weight is one setsockopt(2), and what waits in a queue stays where it is. The program is
// pure and the rest needs no state; errors name the call.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "supervisor/config/config.hpp"

#include <linux/filter.h>

#include <vector>

namespace baton::runtime {

// Gives lane 1 `weight` percent of the new connections, lane 0 the rest. By client address, one
// client is always in the same lane, and one that is in lane 1 stays there when the weight grows.
std::vector<sock_filter> lane_program(unsigned weight, config::Split split);

// Makes a bound socket that does not listen yet the first of a group. (bind(2) came before, without
// SO_REUSEPORT, so that an address which somebody else has is still refused.) Everything goes to
// it, whoever else of our user should join the group.
Result<void> begin_group(const UniqueFd& socket);

// A second socket on the address of the first: in its group, listening, and given nothing yet.
Result<UniqueFd> join_group(const UniqueFd& first, int backlog);

// Sets the program of the group that the socket is in.
Result<void> split_group(const UniqueFd& socket, unsigned weight, config::Split split);

}  // namespace baton::runtime
