#include "supervisor/runtime/listener_set.hpp"

#include "common/net/listen.hpp"

#include <gmock/gmock.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace baton::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Wanted = std::map<std::string, config::Listener>;

config::Listener listener(const std::string& name, const std::string& address) {
  return {.name = name, .address = net::parse_address(address).value(), .backlog = 16};
}

// Of a listening socket, TCP_INFO says the backlog where it says "sacked" of a connection.
unsigned backlog_of(const UniqueFd& socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  EXPECT_EQ(::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  return info.tcpi_sacked;
}

bool has_socket(const std::filesystem::path& path) {
  return std::filesystem::is_socket(path);
}

class Listeners : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "baton-listen-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path path() const { return directory_ / "web.sock"; }
  std::string unix_address() const { return "unix:" + path().string(); }

  std::filesystem::path directory_;
  ListenerSet set_;
};

TEST_F(Listeners, BindsAllThreeFamilies) {
  ASSERT_TRUE(set_.apply({{"four", listener("four", "127.0.0.1:0")},
                          {"six", listener("six", "[::1]:0")},
                          {"local", listener("local", unix_address())}}));
  EXPECT_THAT(set_.find("four")->address(), StartsWith("127.0.0.1:"));
  EXPECT_THAT(set_.find("six")->address(), StartsWith("[::1]:"));
  EXPECT_EQ(set_.find("local")->address(), unix_address());
  EXPECT_EQ(set_.find("none"), nullptr);
}

TEST_F(Listeners, EachOfThoseWhosePortTheKernelPicksHasItsOwnAndKeepsIt) {
  const std::map<std::string, config::Listener> wanted = {{"one", listener("one", "127.0.0.1:0")},
                                                          {"two", listener("two", "127.0.0.1:0")}};
  EXPECT_THAT(set_.apply(wanted).value(), testing::ElementsAre("one", "two"));
  const std::string one = set_.find("one")->address();
  EXPECT_NE(one, set_.find("two")->address());
  EXPECT_THAT(set_.apply(wanted).value(), testing::IsEmpty());
  EXPECT_EQ(set_.find("one")->address(), one);
}

TEST_F(Listeners, UnixSocketIsOpenToAllAndUnlinkedAtItsEnd) {
  ASSERT_TRUE(set_.apply({{"local", listener("local", unix_address())}}));
  struct stat info {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0666U);
  set_.clear();
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Listeners, PathThatIsSomebodyElsesByNowIsLeftAlone) {
  ASSERT_TRUE(set_.apply({{"local", listener("local", unix_address())}}));
  std::filesystem::remove(path());
  const auto other = net::listen_on(net::parse_address(unix_address()).value(), 1).value();
  set_.clear();
  EXPECT_TRUE(has_socket(path()));
}

TEST_F(Listeners, StaleUnixSocketIsReplaced) {
  { const auto stale = net::listen_on(net::parse_address(unix_address()).value(), 1).value(); }
  ASSERT_TRUE(has_socket(path()));
  EXPECT_TRUE(set_.apply({{"local", listener("local", unix_address())}}));
}

TEST_F(Listeners, FailureChangesNothing) {
  ASSERT_TRUE(set_.apply({{"old", listener("old", "127.0.0.1:0")}}));
  const auto old = set_.find("old");
  const auto failed = set_.apply(
      {{"good", listener("good", unix_address())}, {"taken", listener("taken", old->address())}});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, StartsWith("listener taken: "));
  EXPECT_THAT(failed.error().message, HasSubstr(old->address()));
  EXPECT_EQ(set_.find("old"), old);
  EXPECT_EQ(set_.find("good"), nullptr);
  EXPECT_FALSE(std::filesystem::exists(path())) << "what was bound on the way is undone";
}

TEST_F(Listeners, SocketSurvivesAReloadAndANewName) {
  ASSERT_TRUE(set_.apply({{"web", listener("web", unix_address())}}));
  const auto socket = set_.find("web");
  ASSERT_TRUE(set_.apply({{"web", listener("web", unix_address())}}));
  EXPECT_EQ(set_.find("web"), socket);
  ASSERT_TRUE(set_.apply({{"http", listener("http", unix_address())}}));
  EXPECT_EQ(set_.find("http"), socket);
  EXPECT_EQ(set_.find("web"), nullptr);
}

TEST_F(Listeners, RemovedOneIsClosedWhenTheLastUserLetsGo) {
  ASSERT_TRUE(set_.apply({{"web", listener("web", unix_address())}}));
  auto user = set_.find("web");
  ASSERT_TRUE(set_.apply({}));
  EXPECT_TRUE(has_socket(path()));
  user.reset();
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Listeners, RemovedOneThatComesBackIsStillTheSame) {
  ASSERT_TRUE(set_.apply({{"web", listener("web", unix_address())}}));
  const auto user = set_.find("web");
  ASSERT_TRUE(set_.apply({}));
  ASSERT_TRUE(set_.apply({{"web", listener("web", unix_address())}}));
  EXPECT_EQ(set_.find("web"), user);
}

TEST_F(Listeners, OnlyThoseThatAreToBeSplitHaveTwoLanes) {
  ASSERT_TRUE(set_.apply(
      {{"one", listener("one", "127.0.0.1:0")}, {"two", listener("two", "[::1]:0")}}, {"two"}));
  EXPECT_EQ(set_.find("one")->lanes().size(), 1U);
  EXPECT_EQ(set_.find("two")->lanes().size(), 2U);
}

TEST_F(Listeners, OneThatIsHeldGetsItsSecondLaneLaterAndKeepsIt) {
  const Wanted wanted = {{"web", listener("web", "127.0.0.1:0")}};
  ASSERT_TRUE(set_.apply(wanted));
  const auto web = set_.find("web");
  const int first = web->lanes()[0].get();
  EXPECT_THAT(set_.apply(wanted, {"web"}).value(), testing::IsEmpty());
  EXPECT_EQ(set_.find("web"), web);
  ASSERT_EQ(web->lanes().size(), 2U);
  EXPECT_EQ(web->lanes()[0].get(), first);
  ASSERT_TRUE(set_.apply(wanted));
  EXPECT_EQ(web->lanes().size(), 2U);
}

TEST_F(Listeners, UnixSocketThatIsToBeSplitIsRefusedAndNothingChanges) {
  const auto failed = set_.apply({{"local", listener("local", unix_address())}}, {"local"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::invalid_input);
  EXPECT_EQ(failed.error().message,
            "listener local: " + unix_address() + " can't be split: only TCP listeners can");
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Listeners, ChangedBacklogIsThatOfBothLanes) {
  Wanted wanted = {{"web", listener("web", "127.0.0.1:0")}};
  ASSERT_TRUE(set_.apply(wanted, {"web"}));
  const auto lanes = set_.find("web")->lanes();
  EXPECT_EQ(backlog_of(lanes[0]), 16U);
  EXPECT_EQ(backlog_of(lanes[1]), 16U);
  wanted.at("web").backlog = 33;
  ASSERT_TRUE(set_.apply(wanted));
  EXPECT_EQ(backlog_of(lanes[0]), 33U);
  EXPECT_EQ(backlog_of(lanes[1]), 33U);
}

TEST_F(Listeners, AddressWithTwoLanesIsStillOursAlone) {
  ASSERT_TRUE(set_.apply({{"web", listener("web", "127.0.0.1:0")}}, {"web"}));
  ListenerSet second_supervisor;
  const auto failed =
      second_supervisor.apply({{"web", listener("web", set_.find("web")->address())}}, {"web"});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("Address already in use"));
}

}  // namespace
}  // namespace baton::runtime
