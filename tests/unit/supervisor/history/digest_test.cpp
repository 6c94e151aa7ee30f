#include "supervisor/history/digest.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::history {
namespace {

using ::testing::HasSubstr;

TEST(ProgramDigest, OfAKnownText) {
  const testing::TempDir dir;
  testing::write_file(dir / "abc", "abc");
  EXPECT_EQ(ProgramDigests().of(dir / "abc").value(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ProgramDigest, OfAFileLongerThanABlock) {
  const testing::TempDir dir;
  testing::write_file(dir / "a", std::string(1'000'000, 'a'));  // NIST's third example
  EXPECT_EQ(ProgramDigests().of(dir / "a").value(),
            "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(ProgramDigest, AFileThatHasChangedIsReadAgainAndTheSameIsNot) {
  const testing::TempDir dir;
  testing::write_file(dir / "program", "one");
  ProgramDigests digests;
  const std::string one = digests.of(dir / "program").value();
  EXPECT_EQ(digests.of(dir / "program").value(), one);
  testing::write_file(dir / "new", "two");
  std::filesystem::rename(dir / "new", dir / "program");
  const std::string two = digests.of(dir / "program").value();
  EXPECT_NE(two, one);
  EXPECT_EQ(ProgramDigests().of(dir / "program").value(), two);
}

TEST(ProgramDigest, WhatIsNoFileHasNone) {
  const testing::TempDir dir;
  EXPECT_THAT(ProgramDigests().of(dir.path()).error().message, HasSubstr("is not a regular file"));
  EXPECT_THAT(ProgramDigests().of(dir / "none").error().message, HasSubstr("No such file"));
  EXPECT_THAT(ProgramDigests().of("/dev/zero").error().message, HasSubstr("is not a regular file"));
}

}  // namespace
}  // namespace baton::history
