#include "common/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace baton {
namespace {

TEST(Error, OfASystemCallNamesTheCallAndTheCause) {
  const Error error = system_error("open /x", ENOENT);
  EXPECT_EQ(error.code, Errc::system);
  EXPECT_EQ(error.message, "open /x: No such file or directory");
}

TEST(Error, ThatPermissionsCausedSaysSo) {
  EXPECT_EQ(system_error("bind", EACCES).code, Errc::not_permitted);
  EXPECT_EQ(system_error("bind", EPERM).code, Errc::not_permitted);
}

TEST(Errc, HasANameForEachCode) {
  EXPECT_EQ(to_string(Errc::invalid_input), "invalid_input");
  EXPECT_EQ(to_string(Errc::not_found), "not_found");
  EXPECT_EQ(to_string(Errc::not_permitted), "not_permitted");
  EXPECT_EQ(to_string(Errc::too_large), "too_large");
  EXPECT_EQ(to_string(Errc::would_block), "would_block");
  EXPECT_EQ(to_string(Errc::closed), "closed");
  EXPECT_EQ(to_string(Errc::busy), "busy");
  EXPECT_EQ(to_string(Errc::timed_out), "timed_out");
  EXPECT_EQ(to_string(Errc::system), "system");
}

TEST(Result, WithoutAValueThrowsItsErrorWhenAskedForOne) {
  const Result<int> failed = Error{Errc::busy, "somebody else has it"};
  try {
    failed.value();
    FAIL() << "value() returned";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, Errc::busy);
    EXPECT_STREQ(failure.what(), "somebody else has it");
  }
}

}  // namespace
}  // namespace baton
