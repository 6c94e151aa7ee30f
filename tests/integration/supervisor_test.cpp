// Claims about batond itself: one per runtime directory; idle means idle; a flood in a worker's
// output harms nobody; a bad config changes nothing; USR1 reopens the log; privileges are dropped
// completely; it works as PID 1.
#include "tests/integration/batond_test.hpp"

#include <unistd.h>

#include <thread>

namespace baton::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Supervisor = BatondTest;

TEST_F(Supervisor, ASecondOneOnTheSameDirectoryIsRefusedAndToldWhoHoldsIt) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  const Ran second = run({{program("batond"), "--config", site_.config_file()}, {}});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("pid " + std::to_string(batond().pid())));
  EXPECT_EQ(generation_that_answers(), 1u);
}

TEST_F(Supervisor, TakesTheDirectoryOfOneThatWasKilled) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  // A number that has not been written down yet may come again.
  ASSERT_TRUE(eventually([&] { return !stored_outcome("app-1").empty(); }));
  batond().process().signal(SIGKILL);
  batond().process().wait();
  take_leftover_processes();  // its worker has fallen to us
  batond_.reset();
  site_.write_config();
  batond_.emplace(site_);
  // Generation numbers are never used again, not even by another supervisor.
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  EXPECT_EQ(generation_that_answers(), 2u);
}

TEST_F(Supervisor, EndsTheStreamsOfItsClientsProperly) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  Child follower(batond().ctl_command({"events", "-f"}));
  ASSERT_TRUE(follower.out().wait_for("the deploy is finished"));
  EXPECT_EQ(batond().stop(), 0);
  EXPECT_EQ(follower.wait(), 0) << follower.err().text();
  EXPECT_THAT(follower.out().text(), HasSubstr("all services have stopped"));
}

TEST_F(Supervisor, SleepsWhenNothingHappens) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  ASSERT_EQ(deploy("v1").exit_code, 0);
  ASSERT_TRUE(batond().wait_for("generation_gone", 1));
  // It has come to rest once it stands still for a while.
  ASSERT_TRUE(eventually([&] {
    const auto before = times_slept(batond().pid());
    std::this_thread::sleep_for(50ms);
    return times_slept(batond().pid()) == before;
  }));
  const auto before = times_slept(batond().pid());
  std::this_thread::sleep_for(2s);  // the stretch that is looked at
  // One: a timer of the deploy's, armed for what came in time, may still fire. No more: no ticks.
  EXPECT_LE(times_slept(batond().pid()), before + 1) << "something wakes it up again and again";
}

TEST_F(Supervisor, AFloodAndALineWithoutEndHarmNobody) {
  site_.add_scripted("v1", {"--at", "accepting=endless", "--at", "accepting=print:200000"});
  site_.add_scripted("v2");
  site_.use("v1");
  start();
  const auto memory = private_memory_kib(batond().pid());
  EXPECT_EQ(batond().ctl({"ping"}).exit_code, 0) << "the flood has drowned the admin API";
  const Ran ran = deploy("v2");  // the flood may make the old one late, but not the new one
  EXPECT_THAT(ran.exit_code, ::testing::AnyOf(0, 151)) << ran.err;
  EXPECT_EQ(generation_that_answers(), 2u);
  if (memory_is_real) {
    EXPECT_LE(private_memory_kib(batond().pid()), memory + 32 * 1024);
  }
  for (const auto& entry : batond().entries()) {
    if (entry.stream == "out") {
      ASSERT_LE(entry.text.size(), 9000u);
    }
  }
}

TEST_F(Supervisor, ABadConfigAtReloadChangesNothing) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  const auto old_workers = workers();
  const std::string good = read_file(site_.config_file());
  write_file(site_.config_file(), good + "\n[services.app2]\ncomand = 1\n");
  batond().hang_up();
  const auto problem = batond().wait_for([](const LogEntry& entry) {
    return entry.kind == "reload_failed" && entry.text.find("comand") != std::string::npos;
  });
  ASSERT_TRUE(problem);
  EXPECT_THAT(problem->text, HasSubstr("baton.toml:"));
  const Ran ran = batond().ctl({"reload"});
  EXPECT_NE(ran.exit_code, 0);
  EXPECT_THAT(ran.err, HasSubstr("comand"));
  EXPECT_EQ(workers(), old_workers);
  EXPECT_EQ(generation_that_answers(), 1u);

  write_file(site_.config_file(), good);
  batond().hang_up();
  EXPECT_TRUE(batond().wait_for("cut_over", 2)) << "it has not recovered from the bad file";
}

TEST_F(Supervisor, AReloadAddsAndRemovesListenersAndServices) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  site_.listeners["more"] = "127.0.0.1:0";
  site_.services["other"].listeners = {"more"};
  site_.write_config();
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("cut_over", 1, "other"));
  ASSERT_TRUE(batond().wait_for("cut_over", 2, "app"));
  EXPECT_TRUE(eventually([&] { return workers().size() == 2; }));
  const auto more = clients(torture::Mode::fresh, 1, "more").target;

  site_.listeners.erase("more");
  site_.services.erase("other");
  site_.write_config();
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("service_removed", 0, "other"));
  ASSERT_TRUE(batond().wait_for("generation_gone", 2, "app"));
  ASSERT_TRUE(eventually([&] { return workers().size() == 1; }));
  auto options = clients(torture::Mode::fresh, 1);
  options.target = more;
  options.requests = 1;
  torture::Live live;
  EXPECT_EQ(torture::run(options, live).losses.count(torture::Loss::refused), 1u)
      << "the removed listener is still open";
}

TEST_F(Supervisor, Usr1ReopensTheLogFile) {
  const auto log = scratch("batond.log");
  site_.supervisor_lines = "log_file = \"" + log.string() + "\"";
  site_.add_scripted("v1");
  site_.use("v1");
  site_.write_config();
  batond_.emplace(site_);
  ASSERT_TRUE(eventually([&] { return read_file(log).find("cut_over") != std::string::npos; }));
  std::filesystem::rename(log, scratch("batond.log.1"));
  batond().process().signal(SIGUSR1);
  ASSERT_TRUE(eventually([&] { return read_file(log).find("log_reopened") != std::string::npos; }));
}

TEST_F(Supervisor, DropsPrivilegesCompletely) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  site_.services["app"].more = "user = \"nobody\"";
  site_.add_scripted("v1");
  site_.use("v1");
  std::filesystem::permissions(site_.path(), std::filesystem::perms{0755});
  // The programs may lie where nobody may go: the release brings its own.
  std::filesystem::copy_file(program("scripted-worker"), site_.release("v1") / "bin/scripted");
  write_script(site_.release("v1") / "bin/worker", "#!/bin/sh\nexec bin/scripted\n");
  start();
  const pid_t worker = workers().at(0);
  const auto ids = [&](const std::string& field) { return proc_status(worker, field); };
  EXPECT_EQ(ids("Uid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(ids("Gid"), "65534\t65534\t65534\t65534");
  EXPECT_THAT(ids("Groups"), ::testing::AnyOf("65534 ", " ", ""));
  EXPECT_EQ(ids("NoNewPrivs"), "1");
  EXPECT_EQ(ids("CapEff"), "0000000000000000");
  EXPECT_EQ(generation_that_answers(), 1u);
}

TEST_F(Supervisor, AWorkerHasTheFileDescriptorsThatItShouldAndNoMore) {
  site_.add_scripted("v1");
  site_.use("v1");
  start();
  // stdin, stdout, stderr, the channel, one listener.
  EXPECT_EQ(open_fds(workers().at(0)), 5u);
}

TEST_F(Supervisor, AsPid1ReapsOrphans) {
  const std::vector<std::string> wrapper{"unshare", "--pid", "--fork", "--kill-child",
                                         "--mount-proc"};
  auto probe = wrapper;
  probe.insert(probe.begin(), "/usr/bin/env");
  probe.push_back("true");
  if (run({probe, {}}).exit_code != 0) GTEST_SKIP() << "needs to be allowed a pid namespace";

  site_.add_scripted("v1", {"--at", "accepting=orphan"});
  site_.use("v1");
  site_.write_config();
  batond_.emplace(site_, wrapper);
  ASSERT_TRUE(batond().wait_for("cut_over", 1));
  const pid_t init = children_of(batond().pid()).at(0);
  ASSERT_EQ(proc_status(init, "Name"), "batond");
  ASSERT_TRUE(
      batond().wait_for([](const LogEntry& entry) { return entry.text == "the orphan ends"; }));
  EXPECT_TRUE(eventually([&] { return children_of(init).size() == 1; }))
      << "PID 1 has not reaped the orphan";
  EXPECT_EQ(generation_that_answers(), 1u);
  signal_process(init, SIGTERM);
  EXPECT_EQ(batond().process().wait(), 0);
}

}  // namespace
}  // namespace baton::testing
