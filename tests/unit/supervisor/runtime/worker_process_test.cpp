#include "supervisor/runtime/worker_process.hpp"

#include "common/ipc/message_channel.hpp"
#include "supervisor/runtime/orphan_reaper.hpp"
#include "supervisor/runtime/spawn.hpp"
#include "tests/unit/supervisor/runtime/event_loop.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace baton::runtime {
namespace {

Spawned start(std::vector<std::string> command) {
  const auto channel = ipc::make_channel().value();
  const SpawnRequest request{.command = std::move(command),
                             .directory = "/",
                             .environment = {"PATH=/usr/bin:/bin"},
                             .credentials = {},
                             .open_files = {},
                             .channel = channel.second.get()};
  return spawn(request).value();
}

// True when every writer of the pipe is gone.
bool reaches_end_of_file(const UniqueFd& pipe) {
  pollfd state{.fd = pipe.get(), .events = POLLIN, .revents = 0};
  char byte = 0;
  return ::poll(&state, 1, 30'000) == 1 && ::read(pipe.get(), &byte, 1) == 0;
}

TEST(WorkerProcess, ReportsTheExitCode) {
  EventLoop loop;
  Spawned spawned = start({BATON_TEST_PROBE, "exit", "3"});
  std::optional<core::ExitStatus> ended;
  const WorkerProcess process(loop.io(), spawned.pid, std::move(spawned.pidfd),
                              [&](core::ExitStatus status) { ended = status; });
  loop.run_until([&] { return ended.has_value(); });
  EXPECT_EQ(*ended, (core::ExitStatus{.signalled = false, .value = 3}));
}

TEST(WorkerProcess, ReportsTheSignalThatEndedIt) {
  EventLoop loop;
  Spawned spawned = start({"sleep", "1000"});
  std::optional<core::ExitStatus> ended;
  const WorkerProcess process(loop.io(), spawned.pid, std::move(spawned.pidfd),
                              [&](core::ExitStatus status) { ended = status; });
  process.signal(SIGTERM);
  loop.run_until([&] { return ended.has_value(); });
  EXPECT_EQ(*ended, (core::ExitStatus{.signalled = true, .value = SIGTERM}));
}

TEST(WorkerProcess, KillsWhatItLeavesInItsGroup) {
  EventLoop loop;
  Spawned spawned = start({BATON_TEST_PROBE, "leave-grandchild"});
  bool ended = false;
  const WorkerProcess process(loop.io(), spawned.pid, std::move(spawned.pidfd),
                              [&](core::ExitStatus) { ended = true; });
  loop.run_until([&] { return ended; });
  EXPECT_TRUE(reaches_end_of_file(spawned.standard_output));
}

TEST(WorkerProcess, LeavesNothingBehindWhenItIsDestroyed) {
  EventLoop loop;
  Spawned spawned = start({"sleep", "1000"});
  const pid_t pid = spawned.pid;
  {
    const WorkerProcess process(loop.io(), pid, std::move(spawned.pidfd), [](core::ExitStatus) {
      FAIL() << "nobody is told of an end that its owner has brought about";
    });
  }
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);
  EXPECT_TRUE(reaches_end_of_file(spawned.standard_output));
}

TEST(OrphanReaper, ReapsOrphansAndLeavesOurOwn) {
  const pid_t orphan = ::fork();
  if (orphan == 0) ::_exit(0);
  const pid_t ours = ::fork();
  if (ours == 0) ::_exit(0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(orphan), &info, WEXITED | WNOWAIT), 0);
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(ours), &info, WEXITED | WNOWAIT), 0);

  const OrphanReaper reaper([ours](pid_t pid) { return pid == ours; });
  reaper.reap();
  EXPECT_EQ(::waitpid(ours, nullptr, WNOHANG), ours) << "our own is still to be waited for";
  reaper.reap();
  EXPECT_EQ(::waitpid(orphan, nullptr, WNOHANG), -1) << "the orphan is gone";
  EXPECT_EQ(reaper.reap(), 0U);
}

}  // namespace
}  // namespace baton::runtime
