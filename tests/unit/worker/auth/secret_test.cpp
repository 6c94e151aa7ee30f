#include "worker/auth/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace baton::auth {
namespace {

using testing::HasSubstr;

const std::string good(32, 'k');

class SecretFile : public testing::Test {
 protected:
  SecretFile() {
    char name[] = "/tmp/baton-secret-XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  ~SecretFile() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path write(const std::string& text, mode_t mode = 0600) {
    const auto path = directory_ / "secret";
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  std::filesystem::path directory_;
};

TEST_F(SecretFile, IsReadWithoutItsTrailingNewline) {
  EXPECT_EQ(Secret::from_file(write(good + "\n"))->bytes(), good);
  EXPECT_EQ(Secret::from_file(write(good))->bytes(), good);
  EXPECT_EQ(Secret::from_file(write(good + "\n\n"))->bytes(), good + "\n");  // one only
}

TEST_F(SecretFile, MayHoldAnyBytes) {
  const std::string bytes = std::string(31, '\0') + "\xff";
  EXPECT_EQ(Secret::from_file(write(bytes))->bytes(), bytes);
}

TEST_F(SecretFile, OfTheOwnerAndTheGroupIsFine) {
  EXPECT_TRUE(Secret::from_file(write(good, 0640)).has_value());
}

TEST_F(SecretFile, OpenToEveryUserIsRefused) {
  for (const mode_t mode : {0644, 0604, 0602, 0601}) {
    const auto secret = Secret::from_file(write(good, mode));
    ASSERT_TRUE(secret.has_error());
    EXPECT_EQ(secret.error().code, Errc::not_permitted);
    EXPECT_THAT(secret.error().message, HasSubstr("is open to every user; chmod o= it"));
  }
}

TEST_F(SecretFile, TooShortIsRefusedWithTheRemedy) {
  const auto secret = Secret::from_file(write(std::string(31, 'k') + "\n"));
  ASSERT_TRUE(secret.has_error());
  EXPECT_EQ(secret.error().message,
            "the token secret has 31 bytes; it needs 32 to 4096: "
            "head -c 48 /dev/urandom | base64 -w0");
}

TEST_F(SecretFile, TooLongIsRefused) {
  EXPECT_TRUE(Secret::from_file(write(std::string(4096, 'k') + "\n")).has_value());
  EXPECT_TRUE(Secret::from_file(write(std::string(4097, 'k'))).has_error());
  EXPECT_TRUE(Secret::from_file(write(std::string(100'000, 'k'))).has_error());
}

TEST_F(SecretFile, MissingIsAnErrorThatNamesIt) {
  const auto secret = Secret::from_file(directory_ / "absent");
  ASSERT_TRUE(secret.has_error());
  EXPECT_THAT(secret.error().message, HasSubstr("cannot open the secret file " +
                                                (directory_ / "absent").string() + ": No such"));
}

TEST_F(SecretFile, ThatIsADirectoryIsAnError) {
  ::chmod(directory_.c_str(), 0700);
  const auto secret = Secret::from_file(directory_);
  ASSERT_TRUE(secret.has_error());
  EXPECT_THAT(secret.error().message, HasSubstr("cannot read the secret file"));
}

TEST(SecretInTheEnvironment, IsTakenOutOfIt) {
  ::setenv(Secret::variable, (good + "\n").c_str(), 1);
  const char* const place = std::getenv(Secret::variable);
  EXPECT_EQ(Secret::from_environment()->bytes(), good);
  EXPECT_EQ(std::getenv(Secret::variable), nullptr);
  EXPECT_EQ(std::string(place), "");  // what /proc/PID/environ would show
}

TEST(SecretInTheEnvironment, AbsentIsAnErrorThatNamesBothWays) {
  ::unsetenv(Secret::variable);
  const auto secret = Secret::from_environment();
  ASSERT_TRUE(secret.has_error());
  EXPECT_EQ(secret.error().code, Errc::not_found);
  EXPECT_EQ(secret.error().message,
            "there is no token secret: give --secret-file FILE or set BATON_JWT_SECRET");
}

TEST(SecretInTheEnvironment, TooShortIsTakenOutOfItAllTheSame) {
  ::setenv(Secret::variable, "short", 1);
  EXPECT_TRUE(Secret::from_environment().has_error());
  EXPECT_EQ(std::getenv(Secret::variable), nullptr);
}

}  // namespace
}  // namespace baton::auth
