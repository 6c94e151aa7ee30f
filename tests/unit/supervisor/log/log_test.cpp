#include "supervisor/log/log.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class LogFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "baton-log-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path file() const { return directory_ / "batond.log"; }

  static std::string contents(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  std::filesystem::path directory_;
};

TEST_F(LogFile, IsAppendedToAcrossOpens) {
  Log::open(file(), Level::info, Format::text).value()->write({.text = "first"});
  Log::open(file(), Level::info, Format::text).value()->write({.text = "second"});
  EXPECT_THAT(contents(file()), HasSubstr("first\n"));
  EXPECT_THAT(contents(file()), EndsWith("second\n"));
}

TEST_F(LogFile, DropsWhatIsBelowTheLevel) {
  const auto log = Log::open(file(), Level::warn, Format::text).value();
  log->write({.level = Level::info, .text = "quiet"});
  log->write({.level = Level::warn, .text = "loud"});
  log->set_level(Level::trace);
  log->write({.level = Level::trace, .text = "whisper"});
  EXPECT_THAT(contents(file()), Not(HasSubstr("quiet")));
  EXPECT_THAT(contents(file()), HasSubstr("loud"));
  EXPECT_THAT(contents(file()), HasSubstr("whisper"));
}

TEST_F(LogFile, IsOpenedAgainByNameAfterRotation) {
  const auto log = Log::open(file(), Level::info, Format::text).value();
  log->write({.text = "before"});
  const auto rotated = directory_ / "batond.log.1";
  std::filesystem::rename(file(), rotated);
  log->write({.text = "between"});
  ASSERT_TRUE(log->reopen());
  log->write({.text = "after"});
  EXPECT_THAT(contents(rotated), HasSubstr("between"));
  EXPECT_THAT(contents(file()), HasSubstr("after"));
  EXPECT_THAT(contents(file()), Not(HasSubstr("between")));
}

TEST_F(LogFile, StaysInUseWhenItCanNotBeOpenedAgain) {
  const auto log = Log::open(file(), Level::info, Format::text).value();
  const auto moved = directory_.string() + "-moved";
  std::filesystem::rename(directory_, moved);
  const auto reopened = log->reopen();
  std::filesystem::rename(moved, directory_);
  ASSERT_FALSE(reopened);
  EXPECT_THAT(reopened.error().message, HasSubstr("cannot open log file " + file().string()));
  log->write({.text = "still here"});
  EXPECT_THAT(contents(file()), HasSubstr("still here"));
}

TEST_F(LogFile, IsNamedWhenItCanNotBeOpened) {
  const auto log = Log::open(directory_ / "no/such/dir.log", Level::info, Format::text);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("no/such/dir.log: No such file or directory"));
}

TEST_F(LogFile, FullDiskLosesLinesAndSaysHowManyWhenThereIsRoomAgain) {
  std::filesystem::create_symlink("/dev/full", file());
  const auto log = Log::open(file(), Level::info, Format::text).value();
  log->write({.text = "one"});
  log->write({.text = "two"});
  EXPECT_EQ(log->lost_lines(), 2U);
  std::filesystem::remove(file());
  ASSERT_TRUE(log->reopen());
  log->write({.text = "three"});
  EXPECT_THAT(contents(file()), HasSubstr("WARN  2 log lines could not be written\n"));
  EXPECT_THAT(contents(file()), EndsWith("three\n"));
  EXPECT_EQ(log->lost_lines(), 2U);
}

}  // namespace
}  // namespace baton::log
