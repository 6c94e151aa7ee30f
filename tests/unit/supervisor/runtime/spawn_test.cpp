#include "supervisor/runtime/spawn.hpp"

#include "common/ipc/message_channel.hpp"
#include "supervisor/runtime/worker_process.hpp"
#include "tests/unit/supervisor/runtime/event_loop.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

namespace baton::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

class Spawn : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "baton-spawn-XXXXXX";
    directory_ = std::filesystem::canonical(::mkdtemp(pattern.data()));
    ::chmod(directory_.c_str(), 0755);
    channel_ = ipc::make_channel().value();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  SpawnRequest request(std::vector<std::string> command) const {
    return {.command = std::move(command),
            .directory = directory_,
            .environment = {"PATH=/usr/bin:/bin"},
            .credentials = {},
            .open_files = {},
            .channel = channel_.second.get()};
  }

  // Runs it to its end; what it printed and how it ended stay in the members.
  void run(const SpawnRequest& request) {
    auto spawned = spawn(request).value();
    std::optional<core::ExitStatus> ended;
    const WorkerProcess process(loop_.io(), spawned.pid, std::move(spawned.pidfd),
                                [&](core::ExitStatus status) { ended = status; });
    loop_.run_until([&] { return ended.has_value(); });
    status_ = *ended;
    failure_ = exec_failure(request, spawned.exec_report);
    printed_.resize(64 * 1024);
    const auto n = ::read(spawned.standard_output.get(), printed_.data(), printed_.size());
    printed_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  }

  EventLoop loop_;
  std::filesystem::path directory_;
  std::pair<UniqueFd, UniqueFd> channel_;
  core::ExitStatus status_;
  std::optional<std::string> failure_;
  std::string printed_;
};

TEST_F(Spawn, ChildHasExactlyItsFourFileDescriptors) {
  const UniqueFd leaky(::open("/dev/null", O_RDONLY));  // not close-on-exec
  run(request({BATON_TEST_PROBE, "report"}));
  EXPECT_THAT(printed_, HasSubstr("fds 0 1 2 3\n"));
  EXPECT_THAT(printed_, HasSubstr("stdin /dev/null\n"));
  EXPECT_TRUE(status_.clean());
  EXPECT_EQ(failure_, std::nullopt);
}

TEST_F(Spawn, ChildHasItsFileDescriptorsEvenWhenOursWereClosed) {
  const UniqueFd input(::fcntl(0, F_DUPFD_CLOEXEC, 10));
  ::close(0);  // the lowest free number: the spawner's own pipes land there
  run(request({BATON_TEST_PROBE, "report"}));
  if (input) ::dup2(input.get(), 0);
  EXPECT_THAT(printed_, HasSubstr("fds 0 1 2 3\n"));
  EXPECT_THAT(printed_, HasSubstr("stdin /dev/null\n"));
}

TEST_F(Spawn, ChildStartsWithCleanSignalsInItsOwnGroup) {
  sigset_t some;
  sigset_t before;
  ::sigemptyset(&some);
  ::sigaddset(&some, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &some, &before);
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
  run(request({BATON_TEST_PROBE, "report"}));
  std::signal(SIGPIPE, old_handler);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_THAT(printed_, HasSubstr("blocked 0\nignored 0\n"));
  EXPECT_THAT(printed_, HasSubstr("leads_group yes\n"));
  EXPECT_THAT(printed_, HasSubstr("no_new_privs 1\n"));
}

TEST_F(Spawn, ChildGetsDirectoryEnvironmentAndLimit) {
  auto asked = request({BATON_TEST_PROBE, "report"});
  asked.environment = {"A=1", "B=two words"};
  asked.open_files = rlimit{.rlim_cur = 123, .rlim_max = 456};
  run(asked);
  EXPECT_THAT(printed_, HasSubstr("directory " + directory_.string() + "\n"));
  EXPECT_THAT(printed_, HasSubstr("open_files 123\n"));
  EXPECT_THAT(printed_, HasSubstr("env A=1\nenv B=two words\n"));
  EXPECT_THAT(printed_, Not(HasSubstr("env PATH")));
}

TEST_F(Spawn, ChildHasRoomForItsConnectionsBeforeItHasThreads) {
  rlimit ours{};
  ::getrlimit(RLIMIT_NOFILE, &ours);
  run(request({BATON_TEST_PROBE, "report"}));
  const std::string label = "table_size ";
  ASSERT_THAT(printed_, HasSubstr(label));
  const auto size = std::stoul(printed_.substr(printed_.find(label) + label.size()));
  EXPECT_GE(size, std::min<rlim_t>(ours.rlim_cur, 16'384));
}

TEST_F(Spawn, RootIsGivenUpCompletely) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  std::filesystem::copy_file(BATON_TEST_PROBE, directory_ / "probe");
  auto asked = request({"./probe", "report"});
  asked.credentials = Credentials{
      .uid = 65534, .gid = 65533, .groups = {65532, 65533}, .user = "nobody", .home = "/"};
  run(asked);
  EXPECT_EQ(failure_, std::nullopt);
  EXPECT_THAT(printed_, HasSubstr("uid 65534 65534\ngid 65533 65533\ngroups 65532 65533\n"));
  EXPECT_THAT(printed_, HasSubstr("no_new_privs 1\nroot_again no\n"));
}

TEST_F(Spawn, ProgramWithoutASlashIsSearchedInThePathOfTheEnvironment) {
  run(request({"true"}));
  EXPECT_TRUE(status_.clean());
  EXPECT_EQ(failure_, std::nullopt);
}

TEST_F(Spawn, ProgramWithASlashIsRelativeToTheDirectory) {
  std::filesystem::create_directory(directory_ / "bin");
  std::filesystem::copy_file(BATON_TEST_PROBE, directory_ / "bin/probe");
  run(request({"bin/probe", "exit", "7"}));
  EXPECT_EQ(status_, (core::ExitStatus{.signalled = false, .value = 7}));
}

TEST_F(Spawn, SaysWhyAProgramCanNotBeExecuted) {
  const std::string place = "' in " + directory_.string() + ": ";
  run(request({"bin/none"}));
  EXPECT_EQ(failure_, "cannot execute 'bin/none" + place + "No such file or directory");
  run(request({"no-such-program-anywhere"}));
  EXPECT_EQ(failure_,
            "cannot execute 'no-such-program-anywhere' from PATH: No such file or directory");

  std::ofstream(directory_ / "plain") << "not a program";
  run(request({"./plain"}));
  EXPECT_EQ(failure_, "cannot execute './plain" + place + "Permission denied");
  ::chmod((directory_ / "plain").c_str(), 0755);
  run(request({"./plain"}));
  EXPECT_EQ(failure_, "cannot execute './plain" + place + "Exec format error");

  std::ofstream(directory_ / "script") << "#!/no/such/interpreter\n";
  ::chmod((directory_ / "script").c_str(), 0755);
  run(request({"./script"}));
  EXPECT_EQ(failure_, "cannot execute './script" + place +
                          "No such file or directory (the file is there: its interpreter is "
                          "missing)");
}

TEST_F(Spawn, SaysThatTheDirectoryCanNotBeEntered) {
  auto asked = request({"true"});
  asked.directory = directory_ / "gone";
  run(asked);
  EXPECT_EQ(failure_,
            "cannot enter directory " + directory_.string() + "/gone: No such file or directory");
}

}  // namespace
}  // namespace baton::runtime
