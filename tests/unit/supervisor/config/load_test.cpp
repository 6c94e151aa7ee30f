// From the file system: what is no config file, and what a good one gives.
#include "supervisor/config/config.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace baton::config {
namespace {

using baton::testing::TempDir;
using baton::testing::write_file;

class Load : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  std::string refusal(const std::string& name) const {
    const auto loaded = load(dir_ / name);
    if (loaded) return "";
    EXPECT_EQ(loaded.error().list.size(), 1U);
    return format_problems(loaded.error());
  }

  TempDir dir_;
};

constexpr const char* least = R"([listeners.web]
address = "127.0.0.1:8080"
[services.app]
command = ["run"]
directory = "/srv/app"
listeners = ["web"]
)";

TEST_F(Load, AGoodFileIsWhatItsTextSays) {
  write_file(dir_ / "baton.toml", least);
  EXPECT_EQ(load(dir_ / "baton.toml").value(), parse(least, "f").value());
}

TEST_F(Load, ProblemsBearTheFilesName) {
  write_file(dir_ / "baton.toml", std::string(least) + "workers = 0\n");
  EXPECT_EQ(refusal("baton.toml"),
            path("baton.toml") + ":7:11: 'workers' in [services.app] must be from 1 to 512, not 0");
}

TEST_F(Load, AFileThatIsNotThere) {
  EXPECT_EQ(refusal("none.toml"),
            path("none.toml") + ": the file can't be opened: No such file or directory");
}

TEST_F(Load, AFileThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write_file(dir_ / "secret.toml", least);
  ASSERT_EQ(::chmod(path("secret.toml").c_str(), 0), 0);
  EXPECT_EQ(refusal("secret.toml"),
            path("secret.toml") + ": the file can't be opened: Permission denied");
}

TEST_F(Load, ADirectory) {
  std::filesystem::create_directory(dir_ / "conf");
  EXPECT_EQ(refusal("conf"), path("conf") + ": it is a directory, not a file");
}

TEST_F(Load, AFifoHoldsNobodyUp) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(refusal("fifo"), path("fifo") + ": it is not a regular file");
}

TEST_F(Load, AFileOverTheLimit) {
  write_file(dir_ / "large.toml", std::string(max_file_bytes + 1, '#'));
  EXPECT_EQ(refusal("large.toml"), path("large.toml") + ": it is larger than 1 MiB");
  write_file(dir_ / "largest.toml", std::string(max_file_bytes, '#'));
  EXPECT_EQ(refusal("largest.toml"),
            path("largest.toml") + ": there is no service; add a [services.NAME] table");
}

TEST(Problems, AreThrownAsOneTextByValue) {
  try {
    parse("x = 1", "f.toml").value();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_STREQ(failure.what(),
                 "f.toml: there is no service; add a [services.NAME] table\n"
                 "f.toml:1:1: unknown key 'x' in the file");
  }
}

}  // namespace
}  // namespace baton::config
