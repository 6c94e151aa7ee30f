// What a torture run is to do. Plain values.
#pragma once

#include "common/net/address.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace baton::torture {

enum class Mode {
  fresh,       // a new connection for every request
  keep_alive,  // one connection for as long as the server keeps it
  pipelined,   // as keep_alive, but `depth` requests are kept in flight
  slow_body,   // POSTs whose body trickles in over body_time, each on a new connection
  slow_read,   // answers are read at read_rate, each on a new connection
};

struct Options {
  net::Address target;
  Mode mode = Mode::fresh;
  unsigned clients = 1;
  std::chrono::milliseconds duration{0};       // 0: no limit in time
  std::uint64_t requests = 0;                  // 0: no limit in number
  std::chrono::milliseconds timeout{10'000};   // for one request, connecting included
  std::chrono::milliseconds think_time{0};     // keep_alive: between an answer and the next request
  std::chrono::milliseconds body_time{3'000};  // slow_body
  unsigned depth = 8;                          // pipelined
  std::size_t read_rate = 4'096;               // slow_read: bytes a second
  unsigned post_percent = 0;  // fresh, keep_alive, pipelined: how many of the requests are POSTs
  std::string get_path = "/api/v1/items";
  std::string post_path = "/api/v1/item";
  std::string token;         // empty: no Authorization field
  bool expect_kept = false;  // keep_alive, pipelined: each client keeps its one connection
  std::string name_prefix;   // of posted names, which are "<prefix>-<serial>"
};

}  // namespace baton::torture
