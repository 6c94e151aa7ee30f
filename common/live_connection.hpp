// A client's connection between two owners: what one worker gives and another takes over. The
// peer's address needs no place here, the socket knows it. Plain value; owns the socket.
#pragma once

#include "common/duration.hpp"
#include "common/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace baton {

struct LiveConnection {
  UniqueFd socket;             // non-blocking
  std::string received{};      // read from it already, and not answered: the next request's bytes
  std::uint64_t requests = 0;  // answered on it so far
  Duration idle_left{0};       // until it would be closed for being idle
};

// What has become of a connection that was given away, told once. Nothing: another worker has it.
// Else it is its giver's as before: the taker would not have it, is gone, or does not answer.
using Settled = std::function<void(std::optional<LiveConnection> kept)>;

}  // namespace baton
