#include "supervisor/runtime/lanes.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace baton::runtime {
namespace {

using Program = std::vector<sock_filter>;

// Places in the network header: the version's nibble, the client's address (RFC 791, RFC 8200).
constexpr auto network = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr std::uint32_t source_of_v4 = 12;
constexpr std::uint32_t source_of_v6 = 8;

void add(Program& program, int code, std::uint32_t operand, std::uint8_t if_true = 0,
         std::uint8_t if_false = 0) {
  program.push_back({static_cast<std::uint16_t>(code), if_true, if_false, operand});
}

// A = hash of the client's address. Multiply and shift as in murmur3's finalizer: neighbours
// differ.
void hash_client(Program& program) {
  constexpr std::uint8_t v4_code = 2;  // instructions of each branch
  constexpr std::uint8_t v6_code = 10;
  add(program, BPF_LD | BPF_B | BPF_ABS, network);
  add(program, BPF_ALU | BPF_RSH | BPF_K, 4);
  add(program, BPF_JMP | BPF_JEQ | BPF_K, 4, 0, v4_code);
  add(program, BPF_LD | BPF_W | BPF_ABS, network + source_of_v4);
  add(program, BPF_JMP | BPF_JA, v6_code);
  add(program, BPF_LD | BPF_W | BPF_ABS, network + source_of_v6);
  for (std::uint32_t word = 1; word < 4; ++word) {
    add(program, BPF_MISC | BPF_TAX, 0);
    add(program, BPF_LD | BPF_W | BPF_ABS, network + source_of_v6 + 4 * word);
    add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
  }
  for (const auto& [shift, factor] :
       std::array{std::pair{16U, 0x85EBCA6BU}, std::pair{13U, 0xC2B2AE35U}}) {
    add(program, BPF_MISC | BPF_TAX, 0);
    add(program, BPF_ALU | BPF_RSH | BPF_K, shift);
    add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
    add(program, BPF_ALU | BPF_MUL | BPF_K, factor);
  }
  add(program, BPF_MISC | BPF_TAX, 0);
  add(program, BPF_ALU | BPF_RSH | BPF_K, 16);
  add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
}

Result<void> set_option(const UniqueFd& socket, int option, const void* value, socklen_t size,
                        const char* name) {
  if (::setsockopt(socket.get(), SOL_SOCKET, option, value, size) == 0) return {};
  return system_error(std::string("setsockopt ") + name, errno);
}

Result<void> share_port(const UniqueFd& socket) {
  const int on = 1;
  return set_option(socket, SO_REUSEPORT, &on, sizeof(on), "SO_REUSEPORT");
}

}  // namespace

std::vector<sock_filter> lane_program(unsigned weight, config::Split split) {
  Program program;
  if (weight == 0 || weight >= 100) {
    add(program, BPF_RET | BPF_K, weight == 0 ? 0 : 1);
    return program;
  }
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

Result<void> begin_group(const UniqueFd& socket) {
  if (auto shared = share_port(socket); !shared) return shared;
  return split_group(socket, 0, config::Split::at_random);
}

Result<UniqueFd> join_group(const UniqueFd& first, int backlog) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(first.get(), raw, &size) != 0) return system_error("getsockname", errno);
  const int family = address.ss_family;
  UniqueFd second(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!second) return system_error("socket", errno);
  const int on = 1;
  if (auto reuse = set_option(second, SO_REUSEADDR, &on, sizeof(on), "SO_REUSEADDR"); !reuse) {
    return reuse.error();
  }
  if (auto shared = share_port(second); !shared) return shared.error();
  if (family == AF_INET6 &&
      ::setsockopt(second.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) {
    return system_error("setsockopt IPV6_V6ONLY", errno);
  }
  if (::bind(second.get(), raw, size) != 0) return system_error("bind a second lane", errno);
  if (::listen(second.get(), backlog) != 0) return system_error("listen on a second lane", errno);
  return second;
}

Result<void> split_group(const UniqueFd& socket, unsigned weight, config::Split split) {
  Program code = lane_program(weight, split);
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return set_option(socket, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program),
                    "SO_ATTACH_REUSEPORT_CBPF");
}

}  // namespace baton::runtime
