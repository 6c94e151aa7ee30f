#include "tests/unit/supervisor/runtime/lane_clients.hpp"

#include "common/result.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

namespace baton::runtime {
namespace {

constexpr int patience_ms = 30'000;

void must(bool done, const char* what) {
  if (!done) throw Failure(system_error(what, errno));
}

sockaddr_storage address_of(const UniqueFd& lane) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  must(::getsockname(lane.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return address;
}

UniqueFd make_socket(int family) {
  UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  must(static_cast<bool>(socket), "socket");
  const linger reset{.l_onoff = 1, .l_linger = 0};
  must(::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0, "SO_LINGER");
  return socket;
}

template <class Sockaddr>
UniqueFd connected(UniqueFd socket, const Sockaddr& address) {
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
  must(::connect(socket.get(), raw, sizeof(address)) == 0, "connect");
  return socket;
}

in_port_t port_of(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                       : reinterpret_cast<const sockaddr_in&>(address).sin_port;
}

}  // namespace

UniqueFd connect_to(const UniqueFd& lane) {
  const sockaddr_storage address = address_of(lane);
  return connected(make_socket(address.ss_family), address);
}

UniqueFd connect_to(const UniqueFd& lane, Ipv4 from) {
  UniqueFd socket = make_socket(AF_INET);
  const int on = 1;
  must(::setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) == 0,
       "IP_BIND_ADDRESS_NO_PORT");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(from);
  must(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
       "bind");
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = port_of(address_of(lane));
  return connected(std::move(socket), address);
}

Counts accept_from(Lanes lanes, unsigned count) {
  std::vector<pollfd> waits;
  for (const UniqueFd& lane : lanes)
    waits.push_back({lane.get(), POLLIN, 0});
  Counts counts{};
  for (unsigned accepted = 0; accepted < count;) {
    errno = ETIMEDOUT;
    must(::poll(waits.data(), waits.size(), patience_ms) > 0, "a connection did not come");
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].revents == 0) continue;
      const UniqueFd connection(::accept4(waits[i].fd, nullptr, nullptr, SOCK_CLOEXEC));
      must(static_cast<bool>(connection), "accept4");
      ++counts[i];
      ++accepted;
    }
  }
  return counts;
}

bool is_waiting(const UniqueFd& lane) {
  pollfd wait{lane.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

Counts split_of(Lanes lanes, unsigned count) {
  constexpr unsigned at_once = 128;
  Counts sum{};
  while (count > 0) {
    const unsigned batch = std::min(count, at_once);
    std::vector<UniqueFd> clients;
    for (unsigned i = 0; i < batch; ++i)
      clients.push_back(connect_to(lanes.front()));
    const Counts counts = accept_from(lanes, batch);
    sum[0] += counts[0];
    sum[1] += counts[1];
    count -= batch;
  }
  return sum;
}

unsigned lane_of(Lanes lanes, Ipv4 from) {
  const UniqueFd client = connect_to(lanes.front(), from);
  return accept_from(lanes, 1)[1];
}

}  // namespace baton::runtime
