#include "supervisor/runtime/lanes.hpp"

#include "common/net/listen.hpp"
#include "supervisor/runtime/listener_set.hpp"
#include "tests/unit/supervisor/runtime/filter_machine.hpp"
#include "tests/unit/supervisor/runtime/lane_clients.hpp"

#include <gmock/gmock.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

namespace baton::runtime {
namespace {

using config::Split;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Split both_ways[] = {Split::at_random, Split::by_client_address};

std::shared_ptr<Listener> make_listener(const std::string& address = "127.0.0.1:0") {
  return Listener::bind(net::parse_address(address).value(), 1024).value();
}

std::shared_ptr<Listener> make_two_lanes(const std::string& address = "127.0.0.1:0") {
  auto listener = make_listener(address);
  listener->open_second_lane().value();
  return listener;
}

enum class Option { none, reuse_port };

// What another process of our user would do: 0, or errno(3).
int listen_as_stranger(const UniqueFd& lane, Option option, UniqueFd& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  ::getsockname(lane.get(), raw, &size);
  socket.reset(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (option == Option::reuse_port)
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  const bool listens = ::bind(socket.get(), raw, size) == 0 && ::listen(socket.get(), 16) == 0;
  return listens ? 0 : errno;
}

TEST(Lanes, OneLaneLetsNobodyElseOntoItsAddress) {
  const auto listener = make_listener();
  UniqueFd stranger;
  EXPECT_EQ(listen_as_stranger(listener->lanes()[0], Option::none, stranger), EADDRINUSE);
  EXPECT_EQ(listen_as_stranger(listener->lanes()[0], Option::reuse_port, stranger), EADDRINUSE);
  EXPECT_THAT(split_of(listener->lanes(), 200), ElementsAre(200, 0));
}

TEST(Lanes, SecondLaneGetsNothingUntilItIsGivenSomething) {
  const auto listener = make_two_lanes();
  ASSERT_EQ(listener->lanes().size(), 2U);
  EXPECT_THAT(split_of(listener->lanes(), 500), ElementsAre(500, 0));
  ASSERT_TRUE(listener->split(100, Split::at_random));
  EXPECT_THAT(split_of(listener->lanes(), 500), ElementsAre(0, 500));
}

TEST(Lanes, OpeningItAgainKeepsTheOneThatIsThereAndTheSplit) {
  const auto listener = make_two_lanes();
  const int lane = listener->lanes()[1].get();
  ASSERT_TRUE(listener->split(100, Split::at_random));
  ASSERT_TRUE(listener->open_second_lane());
  EXPECT_EQ(listener->lanes()[1].get(), lane);
  EXPECT_THAT(split_of(listener->lanes(), 100), ElementsAre(0, 100));
}

TEST(Lanes, WhatWaitsInTheFirstStaysAsTheSecondIsOpened) {
  const auto listener = make_listener();
  const UniqueFd early = connect_to(listener->lanes()[0]);
  ASSERT_TRUE(listener->open_second_lane());
  ASSERT_TRUE(listener->split(100, Split::at_random));
  const UniqueFd late = connect_to(listener->lanes()[0]);
  EXPECT_THAT(accept_from(listener->lanes(), 2), ElementsAre(1, 1));
}

// The bound is two points; there are as many connections as make it six standard deviations, so
// that chance alone misses it less than once in 500 million runs, and 4,000 at least.
TEST(Lanes, ShareIsTheWeight) {
  const auto listener = make_two_lanes();
  for (const unsigned weight : {0U, 1U, 10U, 50U, 99U, 100U}) {
    const double share = weight / 100.0;
    const double deviations = 6.0 / 0.02;
    const double needed = std::max(4000.0, deviations * deviations * share * (1 - share));
    const auto count = static_cast<unsigned>(std::ceil(needed));
    ASSERT_TRUE(listener->split(weight, Split::at_random));
    const Counts counts = split_of(listener->lanes(), count);
    EXPECT_NEAR(100.0 * counts[1] / count, weight, 2.0) << "of " << count;
    RecordProperty("weight " + std::to_string(weight),
                   std::to_string(counts[1]) + " of " + std::to_string(count));
  }
}

TEST(Lanes, AllOrNothingIsExact) {
  const auto listener = make_two_lanes();
  for (const Split by : both_ways) {
    ASSERT_TRUE(listener->split(100, by));
    EXPECT_THAT(split_of(listener->lanes(), 1000), ElementsAre(0, 1000));
    ASSERT_TRUE(listener->split(0, by));
    EXPECT_THAT(split_of(listener->lanes(), 1000), ElementsAre(1000, 0));
  }
}

// Clients of the whole of 127.0.0.0/8, each three times, from another port each time.
TEST(Lanes, OneClientIsAlwaysInTheSameLane) {
  const auto listener = make_two_lanes("0.0.0.0:0");
  constexpr unsigned clients = 2000;
  for (const unsigned weight : {5U, 50U}) {
    ASSERT_TRUE(listener->split(weight, Split::by_client_address));
    const auto program = lane_program(weight, Split::by_client_address);
    unsigned in_lane_1 = 0;
    for (unsigned i = 0; i < clients; ++i) {
      const Ipv4 from = 0x7F000001 + i * 7919;
      const unsigned lane = lane_of(listener->lanes(), from);
      ASSERT_EQ(lane, run_filter(program, ipv4_header(from)));
      ASSERT_EQ(lane, lane_of(listener->lanes(), from));
      ASSERT_EQ(lane, lane_of(listener->lanes(), from));
      in_lane_1 += lane;
    }
    EXPECT_NEAR(100.0 * in_lane_1 / clients, weight, 2.0);
  }
}

std::vector<std::uint8_t> loopback_v6() {
  std::vector<std::uint8_t> address(16);
  address.back() = 1;
  return ipv6_header(address);
}

// There is one loopback address, so that the weight changes instead of the client.
TEST(Lanes, Ipv6ClientIsSplitByItsAddress) {
  const auto listener = make_two_lanes("[::1]:0");
  for (unsigned weight = 0; weight <= 100; ++weight) {
    ASSERT_TRUE(listener->split(weight, Split::by_client_address));
    const auto lane = run_filter(lane_program(weight, Split::by_client_address), loopback_v6());
    EXPECT_EQ(split_of(listener->lanes(), 3)[lane], 3U) << "at weight " << weight;
  }
}

TEST(Lanes, Ipv6IsSplitAtRandomToo) {
  const auto listener = make_two_lanes("[::1]:0");
  ASSERT_TRUE(listener->split(50, Split::at_random));
  const Counts counts = split_of(listener->lanes(), 4000);
  EXPECT_NEAR(counts[1], 2000, 6 * std::sqrt(4000 * 0.25));
}

// Ours are IPV6_V6ONLY; the program and the group don't depend on that.
TEST(Lanes, Ipv4ClientOfADualStackSocketIsSplitByItsIpv4Address) {
  UniqueFd first(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int off = 0;
  ASSERT_EQ(::setsockopt(first.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), 0);
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  ASSERT_EQ(::bind(first.get(), reinterpret_cast<const sockaddr*>(&any), sizeof(any)), 0);
  begin_group(first).value();
  ASSERT_EQ(::listen(first.get(), 16), 0);
  UniqueFd second = join_group(first, 16).value();
  const std::array<UniqueFd, 2> lanes{std::move(first), std::move(second)};
  const auto program = lane_program(50, Split::by_client_address);
  ASSERT_TRUE(split_group(lanes[0], 50, Split::by_client_address));
  for (Ipv4 from = 0x7F000001; from < 0x7F000001 + 200; ++from) {
    ASSERT_EQ(lane_of(lanes, from), run_filter(program, ipv4_header(from)));
  }
  const UniqueFd client = connect_to(lanes[0]);
  EXPECT_EQ(accept_from(lanes, 1)[1], run_filter(program, loopback_v6()));
}

TEST(Lanes, StrangerThatJoinsLaterIsGivenNothing) {
  const auto listener = make_two_lanes();
  UniqueFd stranger;
  EXPECT_EQ(listen_as_stranger(listener->lanes()[0], Option::none, stranger), EADDRINUSE);
  ASSERT_EQ(listen_as_stranger(listener->lanes()[0], Option::reuse_port, stranger), 0);
  for (const Split by : both_ways) {
    for (const unsigned weight : {0U, 50U, 100U}) {
      ASSERT_TRUE(listener->split(weight, by));
      const Counts counts = split_of(listener->lanes(), 500);
      EXPECT_EQ(counts[0] + counts[1], 500U);
    }
  }
  EXPECT_FALSE(is_waiting(stranger));
}

TEST(Lanes, SocketThatWasNotPreparedCannotBeSplit) {
  const auto plain = net::listen_on(net::parse_address("127.0.0.1:0").value(), 16).value();
  const auto joined = join_group(plain, 16);
  ASSERT_FALSE(joined);
  EXPECT_THAT(joined.error().message,
              "the kernel refuses the program that splits connections (setsockopt "
              "SO_ATTACH_REUSEPORT_CBPF: Invalid argument); it takes Linux 4.6 or newer");
  UniqueFd stranger;
  EXPECT_EQ(listen_as_stranger(plain, Option::reuse_port, stranger), EADDRINUSE)
      << "it is as it was";
}

TEST(Lanes, OneLaneCannotBeSplit) {
  const auto listener = make_listener();
  EXPECT_TRUE(listener->split(0, Split::at_random)) << "that is what it does";
  const auto split = listener->split(1, Split::at_random);
  ASSERT_FALSE(split);
  EXPECT_EQ(split.error().code, Errc::invalid_input);
  EXPECT_EQ(split.error().message, listener->address() + " can't be split: it has one lane");
}

}  // namespace
}  // namespace baton::runtime
