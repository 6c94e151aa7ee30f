#include "supervisor/runtime/launch_plan.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace baton::runtime {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

class Plan : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "baton-plan-XXXXXX";
    directory_ = std::filesystem::canonical(::mkdtemp(pattern.data()));
    service_.name = "items";
    service_.command = {"bin/items"};
    service_.directory = directory_;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  Result<LaunchPlan> plan(const std::filesystem::path& release = {}) const {
    return make_launch_plan(service_, release, listeners_, inheritance_);
  }

  std::filesystem::path directory_;
  config::Service service_;
  ListenerSet listeners_;
  Inheritance inheritance_;
};

TEST_F(Plan, ResolvesTheReleaseOnceAndForAll) {
  std::filesystem::create_directory(directory_ / "v1");
  std::filesystem::create_directory(directory_ / "v2");
  std::filesystem::create_directory_symlink("v1", directory_ / "current");
  service_.directory = directory_ / "current";
  const LaunchPlan before = plan().value();
  std::filesystem::remove(directory_ / "current");
  std::filesystem::create_directory_symlink("v2", directory_ / "current");
  EXPECT_EQ(before.release, directory_ / "v1");
  EXPECT_EQ(plan().value().release, directory_ / "v2");
  EXPECT_EQ(plan(directory_ / "v1").value().release, directory_ / "v1");
}

TEST_F(Plan, RefusesAReleaseThatIsNoDirectory) {
  EXPECT_EQ(plan(directory_ / "gone").error().message, "service items: release directory " +
                                                           (directory_ / "gone").string() +
                                                           ": No such file or directory");
  EXPECT_THAT(plan("/dev/null").error().message, HasSubstr("/dev/null is not a directory"));
}

TEST_F(Plan, EnvironmentIsInheritedThenConfiguredThenOurs) {
  inheritance_.environment = {"A=inherited", "B=inherited", "BATON_FD=9"};
  service_.environment = {{"B", "configured"}, {"BATON_FD", "7"}};
  EXPECT_THAT(plan().value().environment, ElementsAre("A=inherited", "B=configured", "BATON_FD=3"));
}

TEST_F(Plan, UserBringsItsOwnHome) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  inheritance_.environment = {"HOME=/root", "USER=root"};
  service_.user = "nobody";
  const LaunchPlan made = plan().value();
  EXPECT_NE(made.credentials.value().uid, 0U);
  EXPECT_THAT(made.environment, IsSupersetOf({"USER=nobody", "LOGNAME=nobody"}));
  EXPECT_THAT(made.environment, Not(Contains("HOME=/root")));
}

TEST_F(Plan, UnknownUserGroupOrListenerIsNamed) {
  service_.user = "no-such-user";
  EXPECT_EQ(plan().error().message,
            "service items: there is no user 'no-such-user' on this machine");
  service_.user.clear();
  service_.group = "no-such-group";
  EXPECT_EQ(plan().error().message,
            "service items: there is no group 'no-such-group' on this machine");
  service_.group.clear();
  service_.listeners = {"web"};
  EXPECT_EQ(plan().error().message, "service items: there is no listener 'web'");
}

TEST(InheritedEnvironment, LeavesOutWhatIsForTheSupervisorAlone) {
  ::setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("BATON_FD", "3", 1);
  ::setenv("BATON_TEST_KEPT", "yes", 1);
  const auto environment = inherited_environment();
  for (const char* name : {"NOTIFY_SOCKET", "LISTEN_FDS", "BATON_FD", "BATON_TEST_KEPT"}) {
    ::unsetenv(name);
  }
  EXPECT_THAT(environment, Contains("BATON_TEST_KEPT=yes"));
  EXPECT_THAT(environment, Each(Not(StartsWith("NOTIFY_SOCKET="))));
  EXPECT_THAT(environment, Each(Not(StartsWith("LISTEN_FDS="))));
  EXPECT_THAT(environment, Each(Not(StartsWith("BATON_FD="))));
}

}  // namespace
}  // namespace baton::runtime
