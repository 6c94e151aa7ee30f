#include "tests/unit/supervisor/runtime/filter_machine.hpp"

#include <stdexcept>

namespace baton::runtime {

std::uint32_t run_filter(std::span<const sock_filter> program,
                         const std::vector<std::uint8_t>& network) {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  const auto load = [&](std::uint32_t operand, std::size_t size) {
    const std::size_t at = operand - static_cast<std::uint32_t>(SKF_NET_OFF);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | network.at(at + i);
    return value;
  };
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& next = program[at];
    const auto jump = [&](bool taken) { at += taken ? next.jt : next.jf; };
    switch (next.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        a = load(next.k, 4);
        break;
      case BPF_LD | BPF_B | BPF_ABS:
        a = load(next.k, 1);
        break;
      case BPF_MISC | BPF_TAX:
        x = a;
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        a >>= next.k;
        break;
      case BPF_ALU | BPF_XOR | BPF_X:
        a ^= x;
        break;
      case BPF_ALU | BPF_MUL | BPF_K:
        a *= next.k;
        break;
      case BPF_ALU | BPF_MOD | BPF_K:
        a %= next.k;
        break;
      case BPF_JMP | BPF_JA:
        at += next.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(a == next.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(a >= next.k);
        break;
      case BPF_RET | BPF_K:
        return next.k;
      default:
        throw std::logic_error("unknown instruction " + std::to_string(next.code));
    }
  }
  throw std::logic_error("the program does not return");
}

std::vector<std::uint8_t> ipv4_header(std::uint32_t from) {
  std::vector<std::uint8_t> header(20);
  header[0] = 0x45;
  for (std::size_t i = 0; i < 4; ++i)
    header[12 + i] = static_cast<std::uint8_t>(from >> (24 - 8 * i));
  return header;
}

std::vector<std::uint8_t> ipv6_header(const std::vector<std::uint8_t>& from) {
  std::vector<std::uint8_t> header(40);
  header[0] = 0x60;
  for (std::size_t i = 0; i < 16; ++i)
    header[8 + i] = from.at(i);
  return header;
}

}  // namespace baton::runtime
