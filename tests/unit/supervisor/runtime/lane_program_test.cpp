#include "supervisor/runtime/lanes.hpp"
#include "tests/unit/supervisor/runtime/filter_machine.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace baton::runtime {
namespace {

using Packet = std::vector<std::uint8_t>;
using config::Split;

constexpr std::uint32_t clients = 20'000;

// Client number i of some population.
struct Population {
  std::string name;
  std::function<Packet(std::uint32_t)> client;
};

Packet v6(std::uint32_t first, std::uint32_t second, std::uint32_t third, std::uint32_t fourth) {
  Packet address;
  for (const std::uint32_t word : {first, second, third, fourth}) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      address.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  return ipv6_header(address);
}

std::ostream& operator<<(std::ostream& out, const Population& population) {
  return out << population.name;
}

class SplitByClientAddress : public testing::TestWithParam<Population> {};

TEST_P(SplitByClientAddress, GivesTheShareAndKeepsWhomItHasAsTheWeightGrows) {
  std::vector<bool> in_lane_1(clients);
  for (const unsigned weight : {0U, 1U, 5U, 10U, 50U, 99U, 100U}) {
    const auto program = lane_program(weight, Split::by_client_address);
    unsigned count = 0;
    for (std::uint32_t i = 0; i < clients; ++i) {
      const std::uint32_t lane = run_filter(program, GetParam().client(i));
      ASSERT_LE(lane, 1U);
      ASSERT_GE(lane, in_lane_1[i] ? 1U : 0U) << "client " << i << " went back at " << weight;
      in_lane_1[i] = lane == 1;
      count += lane;
    }
    EXPECT_NEAR(100.0 * count / clients, weight, 2.0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, SplitByClientAddress,
    testing::Values(
        Population{"NeighboursV4", [](std::uint32_t i) { return ipv4_header(0x0A000000 + i); }},
        Population{"OneHostOfEachNetworkV4",
                   [](std::uint32_t i) { return ipv4_header((i << 12) + 1); }},
        Population{"NeighboursV6", [](std::uint32_t i) { return v6(0x20010DB8, 0, 0, i); }},
        Population{"OneHostOfEachNetworkV6",
                   [](std::uint32_t i) { return v6(0x20010DB8, i, 0, 1); }},
        Population{"OneHostOfEachProviderV6",
                   [](std::uint32_t i) { return v6(0x20000000 + i, 0, 0, 1); }},
        Population{"HardwareAddressesV6",
                   [](std::uint32_t i) { return v6(0xFE800000, 0, 0x021122FF, 0xFE000000 + i); }},
        Population{"HostNumberedAsItsNetworkV6",
                   [](std::uint32_t i) { return v6(0x20010DB8, i, 0x20010DB8, i); }}),
    [](const auto& test) { return test.param.name; });

TEST(LaneProgram, AddressesOfTheClientOnlyMatter) {
  const auto program = lane_program(50, Split::by_client_address);
  Packet packet = v6(0x20010DB8, 1, 2, 3);
  const auto lane = run_filter(program, packet);
  for (const std::size_t other : {1, 2, 3, 4, 5, 6, 7, 24, 31, 39}) {
    packet.at(other) = 0xFF;
    EXPECT_EQ(run_filter(program, packet), lane) << "byte " << other;
  }
}

TEST(LaneProgram, AWeightOverAHundredIsAHundred) {
  const auto program = lane_program(101, Split::by_client_address);
  for (std::uint32_t i = 0; i < 1000; ++i)
    ASSERT_EQ(run_filter(program, ipv4_header(i)), 1U);
}

}  // namespace
}  // namespace baton::runtime
