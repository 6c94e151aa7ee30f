#include "supervisor/runtime/kernel_drops.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(KernelDrops, AreReadFromTheirTable) {
  EXPECT_THAT(parse_kernel_drops("IpExt: A B\nIpExt: 1 2\n"
                                 "TcpExt: SyncookiesSent ListenOverflows ListenDrops\n"
                                 "TcpExt: 7 18446744073709551615 2\n"),
              ElementsAre(Pair("ListenDrops", 2u), Pair("ListenOverflows", 18446744073709551615u)));
}

TEST(KernelDrops, WhatCannotBeReadIsLeftOut) {
  EXPECT_THAT(parse_kernel_drops(""), IsEmpty());
  EXPECT_THAT(parse_kernel_drops("TcpExt: ListenDrops\n"), IsEmpty());
  EXPECT_THAT(parse_kernel_drops("TcpExt: ListenDrops\nTcpExt:\n"), IsEmpty());
  EXPECT_THAT(parse_kernel_drops("TcpExt: ListenDrops\nTcpExt: x\n"), IsEmpty());
  EXPECT_THAT(parse_kernel_drops("TcpExt: ListenDrops\nTcpExt: -1\n"), IsEmpty());
  EXPECT_THAT(parse_kernel_drops("TcpExt: ListenDrops\nTcpExt: 99999999999999999999\n"), IsEmpty());
  EXPECT_THAT(parse_kernel_drops("TcpExt: ListenOverflows ListenDrops\nTcpExt: 1\n"),
              ElementsAre(Pair("ListenOverflows", 1u)));
}

TEST(KernelDrops, OfThisHostAreThere) {
  EXPECT_TRUE(read_kernel_drops().contains("ListenDrops"));
}

TEST(KernelDrops, OnlyWhatHasGrownIsTold) {
  EXPECT_THAT(
      grown({{"ListenDrops", 2}, {"TCPAbortOnData", 5}, {"ListenOverflows", 9}},
            {{"ListenDrops", 7}, {"TCPAbortOnData", 5}, {"ListenOverflows", 1}, {"New", 3}}),
      ElementsAre(Pair("ListenDrops", 5u)));
}

}  // namespace
}  // namespace baton::runtime
