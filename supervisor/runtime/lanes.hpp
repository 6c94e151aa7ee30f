// How the kernel splits the new connections of one TCP address between two sockets, lane 0 and lane
// 1: a classic BPF program on their SO_REUSEPORT group (socket(7)) picks the socket. Setting
// another weight is one setsockopt(2), and what waits in a queue stays where it is. The sockets are
// the caller's; nothing is kept here. One thread for one group. Errors name the call.
//
// Strangers. While there is one lane, the address is ours alone: bind(2) refuses everybody else,
// with SO_REUSEPORT or without. Once there are two, a process of the same user can join the group
// with SO_REUSEPORT; it is given nothing, for the program knows the first two sockets only.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "supervisor/config/config.hpp"

#include <linux/filter.h>

#include <vector>

namespace baton::runtime {

// Gives lane 1 `weight` percent of the new connections, lane 0 the rest; more than 100 is 100.
// Pure. By client address, one client is always in the same lane, whichever its port, host and
// time, and one that is in lane 1 stays there when the weight grows. What is hashed is the address
// in the packet: behind a proxy all clients are one.
std::vector<sock_filter> lane_program(unsigned weight, config::Split split);

// Makes a bound TCP socket that does not listen yet the first of a group to come, to which nobody
// can be added before join_group(). Only a socket on which this was done can get a second lane.
Result<void> begin_group(const UniqueFd& socket);

// A second socket on the address of the first, in its group: non-blocking, close-on-exec,
// listening, and given nothing before split_group(). At no moment is the first without what comes
// in.
Result<UniqueFd> join_group(const UniqueFd& first, int backlog);

// Replaces the program of the group that the socket is in, for all connections that begin from now
// on.
Result<void> split_group(const UniqueFd& socket, unsigned weight, config::Split split);

}  // namespace baton::runtime
