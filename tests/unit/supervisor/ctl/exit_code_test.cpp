// The numbers are a contract with scripts (docs/batonctl.md).
#include "supervisor/ctl/exit_code.hpp"

#include <gtest/gtest.h>

namespace baton::ctl {
namespace {

int number_of(ExitCode code) {
  return static_cast<int>(code);
}

TEST(ExitCodes, OfEveryOutcome) {
  EXPECT_EQ(number_of(exit_code_of("done")), 0);
  EXPECT_EQ(number_of(exit_code_of("failed")), 1);
  EXPECT_EQ(number_of(exit_code_of("failed_old_serving")), 150);
  EXPECT_EQ(number_of(exit_code_of("degraded")), 151);
  EXPECT_EQ(number_of(exit_code_of("busy")), 152);
  EXPECT_EQ(number_of(exit_code_of("superseded")), 153);
  EXPECT_EQ(number_of(exit_code_of("aborted")), 153);
  EXPECT_EQ(number_of(exit_code_of("rolled_back")), 150);
}

TEST(ExitCodes, AnOutcomeThatIsNotKnownIsAFailure) {
  EXPECT_EQ(number_of(exit_code_of("better_than_ever")), 1);
  EXPECT_EQ(number_of(exit_code_of("")), 1);
}

TEST(ExitCodes, OfErrors) {
  EXPECT_EQ(number_of(exit_code_of(Error{Errc::closed, ""})), 7);
  EXPECT_EQ(number_of(exit_code_of(Error{Errc::not_permitted, ""})), 4);
  for (const Errc code : {Errc::not_found, Errc::invalid_input, Errc::busy, Errc::system})
    EXPECT_EQ(number_of(exit_code_of(Error{code, ""})), 1);
}

TEST(ExitCodes, OfBatonctlItself) {
  EXPECT_EQ(number_of(ExitCode::usage), 2);
  EXPECT_EQ(number_of(ExitCode::not_running), 3);
  EXPECT_EQ(number_of(ExitCode::bad_config), 6);
  EXPECT_EQ(number_of(ExitCode::timed_out), 124);
  EXPECT_EQ(number_of(ExitCode::interrupted), 130);
}

}  // namespace
}  // namespace baton::ctl
