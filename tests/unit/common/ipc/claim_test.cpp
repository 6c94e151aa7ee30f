#include "common/ipc/claim.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

namespace baton::ipc {
namespace {

TEST(Claim, IsTakenOnce) {
  const UniqueFd claim = make_claim().value();
  EXPECT_TRUE(take_claim(claim));
  EXPECT_FALSE(take_claim(claim));
}

TEST(Claim, IsClosedInAChildThatRunsAnotherProgram) {
  EXPECT_EQ(::fcntl(make_claim().value().get(), F_GETFD), FD_CLOEXEC);
}

TEST(Claim, OfManyOneGetsIt) {
  for (int round = 0; round < 100; ++round) {
    const UniqueFd claim = make_claim().value();
    std::atomic<int> got = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < 4; ++i)
      all.emplace_back([&] { got += take_claim(claim) ? 1 : 0; });
    for (std::thread& each : all)
      each.join();
    ASSERT_EQ(got, 1);
  }
}

TEST(Claim, WhatAnotherProcessHasTakenIsGone) {
  const UniqueFd claim = make_claim().value();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(take_claim(claim) ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(take_claim(claim));
}

// What a peer that misbehaves may send instead.
TEST(Claim, WhatIsNoClaimIsNotTakenAndDoesNotBlock) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);  // blocking, and empty
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  EXPECT_FALSE(take_claim(reading));
  EXPECT_FALSE(take_claim(writing));
  ASSERT_EQ(::write(writing.get(), "12345678", 8), 8);
  EXPECT_FALSE(take_claim(reading));
  EXPECT_FALSE(take_claim(UniqueFd()));
}

}  // namespace
}  // namespace baton::ipc
