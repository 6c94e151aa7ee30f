#include "supervisor/runtime/probe_listener.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <optional>
#include <utility>

namespace baton::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777U;
}

// 0, or errno(3).
int connect_to(const std::string& path) {
  const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(client.get(), raw, sizeof(address)) == 0 ? 0 : errno;
}

class ProbeListeners : public ::testing::Test {
 protected:
  Result<ProbeListener> create(const std::string& name = "items.7") {
    return ProbeListener::create(directory(), name);
  }
  std::filesystem::path directory() const { return temp_ / "probe"; }

  baton::testing::TempDir temp_;
};

TEST_F(ProbeListeners, ListensInADirectoryThatIsOursAlone) {
  const ProbeListener listener = create().value();
  EXPECT_EQ(listener.path(), (directory() / "items.7.sock").string());
  EXPECT_EQ(mode_of(directory()), 0700U);
  EXPECT_EQ(mode_of(listener.path()), 0600U);
  EXPECT_EQ(connect_to(listener.path()), 0);
}

TEST_F(ProbeListeners, SocketDoesNotBlockAndIsCloseOnExec) {
  const ProbeListener listener = create().value();
  EXPECT_NE(::fcntl(listener.socket().get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(listener.socket().get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ProbeListeners, EachOfManyHasItsOwn) {
  const ProbeListener one = create("items.7").value();
  const ProbeListener two = create("items.8").value();
  EXPECT_NE(one.path(), two.path());
  EXPECT_EQ(connect_to(one.path()), 0);
  EXPECT_EQ(connect_to(two.path()), 0);
}

TEST_F(ProbeListeners, PathGoesWithTheLastOwnerOnly) {
  std::optional<ProbeListener> first(create().value());
  const std::string path = first->path();
  std::optional<ProbeListener> second(std::move(*first));
  first.reset();
  EXPECT_EQ(connect_to(path), 0);
  second.reset();
  EXPECT_EQ(connect_to(path), ENOENT);
}

TEST_F(ProbeListeners, WhatAnEarlierSupervisorHasLeftIsReplaced) {
  const std::filesystem::path kept = temp_ / "kept.sock";
  std::string path;
  {
    const ProbeListener listener = create().value();
    path = listener.path();
    std::filesystem::rename(path, kept);
  }
  std::filesystem::rename(kept, path);
  ASSERT_EQ(connect_to(path), ECONNREFUSED);
  const auto listener = create();
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_EQ(connect_to(path), 0);
}

TEST_F(ProbeListeners, LongestPathThatFitsWorksAndTheNextIsRefused) {
  const std::size_t room = sizeof(sockaddr_un::sun_path) - 1;
  const std::size_t others = (directory() / ".sock").string().size();
  const ProbeListener longest = create(std::string(room - others, 'n')).value();
  EXPECT_EQ(connect_to(longest.path()), 0);

  const std::string name(room - others + 1, 'n');
  const auto refused = create(name);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::too_large);
  EXPECT_EQ(refused.error().message, "the path of a probe listener, " +
                                         (directory() / (name + ".sock")).string() +
                                         ", is longer than 107 bytes; choose a shorter "
                                         "runtime_dir");
}

TEST_F(ProbeListeners, DirectoryThatCannotBeMadeIsNamed) {
  const auto refused = ProbeListener::create(temp_ / "none" / "probe", "items.7");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "cannot make " + (temp_ / "none" / "probe").string() + ": No such file or directory");
}

TEST_F(ProbeListeners, WhatCannotBeReplacedIsNamed) {
  const std::filesystem::path in_the_way = directory() / "items.7.sock";
  std::filesystem::create_directories(in_the_way);
  const auto refused = create();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, StartsWith("cannot replace " + in_the_way.string() + ": "));
}

TEST_F(ProbeListeners, DirectoryThatIsAFileIsToldToo) {
  baton::testing::write_file(directory(), "");
  const auto refused = create();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("items.7.sock: Not a directory"));
}

}  // namespace
}  // namespace baton::runtime
