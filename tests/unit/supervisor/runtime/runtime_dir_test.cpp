#include "supervisor/runtime/runtime_dir.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace baton::runtime {
namespace {

using testing::HasSubstr;

class RuntimeDirectory : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "baton-run-XXXXXX";
    parent_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(parent_); }

  std::filesystem::path path() const { return parent_ / "baton"; }

  std::string pid_file() const {
    std::ostringstream text;
    text << std::ifstream(path() / "batond.pid").rdbuf();
    return text.str();
  }

  std::filesystem::path parent_;
};

TEST_F(RuntimeDirectory, IsMadePrivateAndHoldsThePid) {
  const auto held = RuntimeDir::acquire(path()).value();
  struct stat info {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0700U);
  EXPECT_EQ(pid_file(), std::to_string(::getpid()) + "\n");
  EXPECT_EQ(held.control_socket(), path() / "control.sock");
}

TEST_F(RuntimeDirectory, SecondOneIsRefusedAndToldWhoHoldsIt) {
  const auto held = RuntimeDir::acquire(path()).value();
  const auto second = RuntimeDir::acquire(path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::busy);
  EXPECT_EQ(second.error().message, "another batond, pid " + std::to_string(::getpid()) +
                                        ", already runs on " + path().string());
}

TEST_F(RuntimeDirectory, IsFreeAgainAfterAnOrderlyEnd) {
  { const auto held = RuntimeDir::acquire(path()).value(); }
  EXPECT_FALSE(std::filesystem::exists(path() / "batond.pid"));
  EXPECT_TRUE(RuntimeDir::acquire(path()));
}

TEST_F(RuntimeDirectory, PidFileOfACrashedOneIsTakenOver) {
  std::filesystem::create_directory(path());
  std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
  std::ofstream(path() / "batond.pid") << "1234567890\n";
  const auto held = RuntimeDir::acquire(path()).value();
  EXPECT_EQ(pid_file(), std::to_string(::getpid()) + "\n");
}

TEST_F(RuntimeDirectory, IsRefusedWhenOthersMayWriteToIt) {
  std::filesystem::create_directory(path());
  ::chmod(path().c_str(), 0777);
  const auto refused = RuntimeDir::acquire(path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::not_permitted);
  EXPECT_THAT(refused.error().message, HasSubstr("can be written by others: chmod 0700 it"));
}

TEST_F(RuntimeDirectory, IsRefusedWhenItBelongsToAnother) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  std::filesystem::create_directory(path());
  ASSERT_EQ(::chown(path().c_str(), 65534, 65534), 0);
  const auto refused = RuntimeDir::acquire(path());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("belongs to user id 65534, not to 0"));
}

TEST_F(RuntimeDirectory, IsRefusedWhenItIsASymlinkOrHasNoParent) {
  std::filesystem::create_directory(parent_ / "real");
  std::filesystem::create_directory_symlink(parent_ / "real", path());
  EXPECT_FALSE(RuntimeDir::acquire(path()));
  const auto orphan = RuntimeDir::acquire(parent_ / "no/such");
  ASSERT_FALSE(orphan);
  EXPECT_EQ(orphan.error().message, "cannot make runtime_dir " + (parent_ / "no/such").string() +
                                        ": No such file or directory");
}

}  // namespace
}  // namespace baton::runtime
