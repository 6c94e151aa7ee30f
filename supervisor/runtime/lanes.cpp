#include "supervisor/runtime/lanes.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

namespace baton::runtime {
namespace {

using Program = std::vector<sock_filter>;

// Places in the network header: the version's nibble, the client's address (RFC 791, RFC 8200). An
// IPv6 socket that is not IPV6_V6ONLY gets both kinds.
constexpr auto network = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr std::uint32_t source_of_v4 = 12;
constexpr std::uint32_t source_of_v6 = 8;

void add(Program& program, int code, std::uint32_t operand, std::uint8_t if_true = 0,
         std::uint8_t if_false = 0) {
  program.push_back({static_cast<std::uint16_t>(code), if_true, if_false, operand});
}

// A = the client's IPv6 address as one word. Multiplied on the way, so that words that are equal do
// not cancel each other out.
Program load_v6() {
  Program program;
  add(program, BPF_LD | BPF_W | BPF_ABS, network + source_of_v6);
  for (std::uint32_t word = 1; word < 4; ++word) {
    add(program, BPF_ALU | BPF_MUL | BPF_K, 0x9E3779B1);
    add(program, BPF_MISC | BPF_TAX, 0);
    add(program, BPF_LD | BPF_W | BPF_ABS, network + source_of_v6 + 4 * word);
    add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
  }
  return program;
}

void xor_with_shifted(Program& program, std::uint32_t shift) {
  add(program, BPF_MISC | BPF_TAX, 0);
  add(program, BPF_ALU | BPF_RSH | BPF_K, shift);
  add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
}

// A = hash of the client's address, mixed as by murmur3's finalizer: neighbours differ.
void hash_client(Program& program) {
  const Program v6 = load_v6();
  add(program, BPF_LD | BPF_B | BPF_ABS, network);
  add(program, BPF_ALU | BPF_RSH | BPF_K, 4);
  add(program, BPF_JMP | BPF_JEQ | BPF_K, 6, 2, 0);
  add(program, BPF_LD | BPF_W | BPF_ABS, network + source_of_v4);
  add(program, BPF_JMP | BPF_JA, static_cast<std::uint32_t>(v6.size()));
  program.insert(program.end(), v6.begin(), v6.end());
  xor_with_shifted(program, 16);
  add(program, BPF_ALU | BPF_MUL | BPF_K, 0x85EBCA6B);
  xor_with_shifted(program, 13);
  add(program, BPF_ALU | BPF_MUL | BPF_K, 0xC2B2AE35);
  xor_with_shifted(program, 16);
}

template <class Value>
Result<void> set_option(const UniqueFd& socket, int level, int option, const Value& value,
                        const char* name) {
  if (::setsockopt(socket.get(), level, option, &value, sizeof(value)) == 0) return {};
  return system_error(std::string("setsockopt ") + name, errno);
}

enum class Joining { allowed, refused };

// The option decides whether bind(2) lets others in, and whether the kernel looks at the group.
Result<void> set_joining(const UniqueFd& socket, Joining joining) {
  const int value = joining == Joining::allowed ? 1 : 0;
  return set_option(socket, SOL_SOCKET, SO_REUSEPORT, value, "SO_REUSEPORT");
}

// For IPv6 the kernel takes only sockets into a group that agree about IPv4 clients.
Result<void> copy_v6only(const UniqueFd& from, const UniqueFd& to) {
  int v6only = 0;
  socklen_t size = sizeof(v6only);
  if (::getsockopt(from.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &size) != 0) {
    return system_error("getsockopt IPV6_V6ONLY", errno);
  }
  return set_option(to, IPPROTO_IPV6, IPV6_V6ONLY, v6only, "IPV6_V6ONLY");
}

Result<UniqueFd> listen_beside(const UniqueFd& first, int backlog) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(first.get(), raw, &size) != 0) return system_error("getsockname", errno);
  UniqueFd second(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!second) return system_error("socket", errno);
  if (auto set = set_option(second, SOL_SOCKET, SO_REUSEADDR, int{1}, "SO_REUSEADDR"); !set) {
    return set.error();
  }
  if (auto allowed = set_joining(second, Joining::allowed); !allowed) return allowed.error();
  if (address.ss_family == AF_INET6) {
    if (auto copied = copy_v6only(first, second); !copied) return copied.error();
  }
  if (::bind(second.get(), raw, size) != 0) return system_error("bind a second lane", errno);
  if (::listen(second.get(), backlog) != 0) return system_error("listen on a second lane", errno);
  return second;
}

}  // namespace

std::vector<sock_filter> lane_program(unsigned weight, config::Split split) {
  Program program;
  if (split == config::Split::by_client_address) {
    hash_client(program);
  } else {
    add(program, BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF) + SKF_AD_RANDOM);
  }
  add(program, BPF_ALU | BPF_MOD | BPF_K, 100);
  add(program, BPF_JMP | BPF_JGE | BPF_K, weight, 1, 0);
  add(program, BPF_RET | BPF_K, 1);
  add(program, BPF_RET | BPF_K, 0);
  return program;
}

// The first program makes the group, and does so only before listen(2). The group outlives the
// option, which goes again: a stranger that came in now would be the second socket, and get what is
// meant for lane 1.
Result<void> begin_group(const UniqueFd& socket) {
  if (auto allowed = set_joining(socket, Joining::allowed); !allowed) return allowed;
  const auto begun = split_group(socket, 0, config::Split::at_random);
  const auto refused = set_joining(socket, Joining::refused);
  return begun ? refused : begun;
}

Result<UniqueFd> join_group(const UniqueFd& first, int backlog) {
  if (auto allowed = set_joining(first, Joining::allowed); !allowed) return allowed.error();
  // Says at the same time whether there is a group: listen(2) would begin one without a program.
  const auto to_first = split_group(first, 0, config::Split::at_random);
  auto second = to_first ? listen_beside(first, backlog) : Result<UniqueFd>(to_first.error());
  if (!second) static_cast<void>(set_joining(first, Joining::refused));
  return second;
}

Result<void> split_group(const UniqueFd& socket, unsigned weight, config::Split split) {
  Program code = lane_program(weight, split);
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  const auto set =
      set_option(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program, "SO_ATTACH_REUSEPORT_CBPF");
  if (set) return {};
  return Error{set.error().code, "the kernel refuses the program that splits connections (" +
                                     set.error().message + "); it takes Linux 4.6 or newer"};
}

}  // namespace baton::runtime
