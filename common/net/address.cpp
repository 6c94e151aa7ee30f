#include "common/net/address.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <array>
#include <charconv>
#include <optional>

namespace baton::net {
namespace {

constexpr std::string_view unix_prefix = "unix:";

Error bad_address(std::string_view text, std::string_view why) {
  return {Errc::invalid_input,
          "bad address '" + std::string(text) + "': " + std::string(why) +
              "; write it like 127.0.0.1:8080, [::1]:8080 or unix:/run/app.sock"};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return port;
}

// The canonical form of a numeric host, or nothing (inet_pton(3)).
std::optional<std::string> canonical_host(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_pton(family, host.c_str(), binary.data()) != 1) return std::nullopt;
  if (!::inet_ntop(family, binary.data(), text.data(), text.size())) return std::nullopt;
  return std::string(text.data());
}

Result<Address> parse_unix(std::string_view text) {
  const std::string_view path = text.substr(unix_prefix.size());
  if (path.empty() || path.front() != '/') return bad_address(text, "the path must begin with /");
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return bad_address(text, "the path is longer than 107 bytes");
  }
  if (path.find('\0') != path.npos) return bad_address(text, "the path holds a NUL byte");
  return Address{UnixAddress{std::string(path)}};
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  if (text.starts_with(unix_prefix)) return parse_unix(text);

  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return bad_address(text, "the port is missing");
  const std::string_view host = text.substr(0, colon);
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return bad_address(text, "the port is not a number from 0 to 65535");

  if (host.starts_with('[') && host.ends_with(']')) {
    const auto v6 = canonical_host(AF_INET6, std::string(host.substr(1, host.size() - 2)));
    if (!v6) return bad_address(text, "what stands in brackets is not an IPv6 address");
    return Address{Ipv6Address{*v6, *port}};
  }
  if (host.find(':') != host.npos) return bad_address(text, "an IPv6 address goes in brackets");
  const auto v4 = canonical_host(AF_INET, std::string(host));
  if (!v4) return bad_address(text, "the host is not a numeric address (names are not looked up)");
  return Address{Ipv4Address{*v4, *port}};
}

std::string format_address(const Address& address) {
  if (const auto* v4 = std::get_if<Ipv4Address>(&address)) {
    return v4->host + ":" + std::to_string(v4->port);
  }
  if (const auto* v6 = std::get_if<Ipv6Address>(&address)) {
    return "[" + v6->host + "]:" + std::to_string(v6->port);
  }
  return std::string(unix_prefix) + std::get<UnixAddress>(address).path;
}

}  // namespace baton::net
