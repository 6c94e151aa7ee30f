// What two workers say to each other on a handover channel, and its wire form. The supervisor makes
// the channel and gives one end to each; it never listens to it.
//
//   giver (drains)            taker (accepts)
//     connections      ->                        the sockets ride on it, in the order of the list,
//                                                and behind them a claim (common/ipc/claim.hpp)
//                      <-     taken              once the taker has the claim, and before it has
//                                                read a byte from any of them
//
// Answers come in the order of what they answer. Until its `taken` has come the giver still owns
// what it has sent: if the channel ends instead, the taker has not touched a connection, and the
// giver goes on with all of them. A giver that will not wait any longer takes the claim itself: the
// connections are its own again, and the taker, which finds no claim, answers with 0 when it can.
// `taken` with a smaller count than was sent: the rest stays with the giver, which sends no more
// unless it had taken the claim. Pure; never throws on any input.
#pragma once

#include "common/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace baton::protocol {

// A worker that names it in its hello can be told hand_over and adopt.
inline constexpr const char* handover_capability = "handover";

// In one message: a claim rides along, and 250 file descriptors are what a message may have.
inline constexpr std::size_t most_connections = 249;

struct HandedOver {
  std::string received;  // any bytes; as hexadecimal digits on the wire
  std::uint64_t requests = 0;
  std::chrono::milliseconds idle_left{0};
  bool operator==(const HandedOver&) const = default;
};

struct Connections {
  std::vector<HandedOver> connections;
  bool operator==(const Connections&) const = default;
};

struct Taken {
  std::uint64_t count = 0;  // of the `connections` that it answers, from its beginning
  bool operator==(const Taken&) const = default;
};

std::string encode(const Connections& message);
std::string encode(const Taken& message);
Result<Connections> decode_connections(std::string_view bytes);
Result<Taken> decode_taken(std::string_view bytes);

// An upper bound of what one connection adds to a message.
std::size_t encoded_size(const HandedOver& connection);

}  // namespace baton::protocol
