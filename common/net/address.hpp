// The address of a listener, as it is written in the config file and on command lines:
// "HOST:PORT", "[V6]:PORT" or "unix:/path". Pure values; no name is looked up, so HOST is numeric.
#pragma once

#include "common/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace baton::net {

struct Ipv4Address {
  std::string host;  // dotted quad, canonical
  std::uint16_t port = 0;
  bool operator==(const Ipv4Address&) const = default;
};

struct Ipv6Address {
  std::string host;  // canonical, without brackets
  std::uint16_t port = 0;
  bool operator==(const Ipv6Address&) const = default;
};

struct UnixAddress {
  std::string path;  // absolute, at most 107 bytes (unix(7), sun_path)
  bool operator==(const UnixAddress&) const = default;
};

using Address = std::variant<Ipv4Address, Ipv6Address, UnixAddress>;

// Errc::invalid_input says what is wrong and shows a right form. Port 0 is accepted: the kernel
// picks a free one.
Result<Address> parse_address(std::string_view text);

// The form that parse_address() reads.
std::string format_address(const Address& address);

}  // namespace baton::net
