#include "common/net/listen.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace baton::net {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

template <class Sockaddr>
SocketAddress wrap(const Sockaddr& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof(address));
  result.length = sizeof(address);
  return result;
}

SocketAddress to_socket_address(const Ipv4Address& address) {
  sockaddr_in raw{};
  raw.sin_family = AF_INET;
  raw.sin_port = htons(address.port);
  ::inet_pton(AF_INET, address.host.c_str(), &raw.sin_addr);
  return wrap(raw);
}

SocketAddress to_socket_address(const Ipv6Address& address) {
  sockaddr_in6 raw{};
  raw.sin6_family = AF_INET6;
  raw.sin6_port = htons(address.port);
  ::inet_pton(AF_INET6, address.host.c_str(), &raw.sin6_addr);
  return wrap(raw);
}

SocketAddress to_socket_address(const UnixAddress& address) {
  sockaddr_un raw{};
  raw.sun_family = AF_UNIX;
  address.path.copy(raw.sun_path, sizeof(raw.sun_path) - 1);
  return wrap(raw);
}

Error cannot_listen(const Address& address, int error_number) {
  return system_error("cannot listen on " + format_address(address), error_number);
}

Error in_the_way(const UnixAddress& address, std::string_view what) {
  return {Errc::busy, "cannot listen on " + format_address(address) + ": " + std::string(what)};
}

// A socket file whose listener has died is in the way of the next one: bind(2) gives EADDRINUSE.
// Only a refused connection proves that nobody listens.
Result<void> remove_dead_socket(const UnixAddress& address, const SocketAddress& raw) {
  struct stat file {};
  if (::lstat(address.path.c_str(), &file) != 0) return {};
  if (!S_ISSOCK(file.st_mode)) {
    return in_the_way(address, "a file that is not a socket is in the way; move it away");
  }
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return cannot_listen(address, errno);
  if (::connect(probe.get(), raw.get(), raw.length) == 0 || errno == EAGAIN) {
    return in_the_way(address, "another process listens there; stop it or choose another path");
  }
  if (errno != ECONNREFUSED || ::unlink(address.path.c_str()) != 0) {
    return cannot_listen(address, errno);
  }
  return {};
}

}  // namespace

Result<UniqueFd> bind_to(const Address& address) {
  const SocketAddress raw =
      std::visit([](const auto& specific) { return to_socket_address(specific); }, address);
  if (const auto* path = std::get_if<UnixAddress>(&address)) {
    if (auto removed = remove_dead_socket(*path, raw); !removed) return removed.error();
  }

  UniqueFd socket(::socket(raw.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return cannot_listen(address, errno);
  const int on = 1;
  if (raw.storage.ss_family != AF_UNIX &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
    return cannot_listen(address, errno);
  }
  if (raw.storage.ss_family == AF_INET6 &&
      ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) {
    return cannot_listen(address, errno);
  }
  if (::bind(socket.get(), raw.get(), raw.length) != 0) return cannot_listen(address, errno);
  return socket;
}

Result<UniqueFd> listen_on(const Address& address, int backlog) {
  auto socket = bind_to(address);
  if (!socket) return socket;
  if (::listen(socket->get(), backlog) != 0) return cannot_listen(address, errno);
  return socket;
}

Result<Address> local_address(const UniqueFd& socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return system_error("getsockname", errno);
  }
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET) {
    const auto& raw = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &raw.sin_addr, text, sizeof(text));
    return Address{Ipv4Address{text, ntohs(raw.sin_port)}};
  }
  if (storage.ss_family == AF_INET6) {
    const auto& raw = reinterpret_cast<const sockaddr_in6&>(storage);
    ::inet_ntop(AF_INET6, &raw.sin6_addr, text, sizeof(text));
    return Address{Ipv6Address{text, ntohs(raw.sin6_port)}};
  }
  if (storage.ss_family == AF_UNIX) {
    const auto& raw = reinterpret_cast<const sockaddr_un&>(storage);
    return Address{UnixAddress{raw.sun_path}};
  }
  return Error{Errc::invalid_input, "the socket is neither TCP nor Unix"};
}

}  // namespace baton::net
