// ping, version, reload, shutdown, signal, config check.
#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace baton::ctl {
namespace {

using nlohmann::json;

class SupervisorVerbs : public CtlTest {};

TEST_F(SupervisorVerbs, PingAndVersion) {
  set_services({});
  expect_ran(batonctl({"ping"}), ExitCode::done, "pong\n", "");
  const auto version = batonctl({"version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.out.starts_with("batonctl ")) << version.out;
  EXPECT_TRUE(version.out.ends_with("\nbatond   1.2.3\n")) << version.out;
  EXPECT_EQ(json::parse(batonctl({"version", "-o", "json"}).out)["batond"], "1.2.3");
}

TEST_F(SupervisorVerbs, ReloadOfABadFileHasAnExitCodeOfItsOwn) {
  expect_ran(batonctl({"reload"}), ExitCode::done, "reloaded; every service is being deployed\n",
             "");
  refuse(Errc::invalid_input, "baton.toml:3:1: unknown key 'bcklog'\nbaton.toml:9:1: no");
  expect_ran(batonctl({"reload"}), ExitCode::bad_config, "",
             "batonctl: baton.toml:3:1: unknown key 'bcklog'\nbaton.toml:9:1: no\n");
  refuse(Errc::busy, "batond is shutting down");
  expect_ran(batonctl({"reload"}), ExitCode::failed, "", "batonctl: batond is shutting down\n");
  EXPECT_EQ(served_.with([](admin::FakeControl& control) { return control.reloads; }), 3u);
}

TEST_F(SupervisorVerbs, ShutdownIsPassedOn) {
  expect_ran(batonctl({"shutdown"}), ExitCode::done, "stopping; workers finish what they have\n",
             "");
  EXPECT_EQ(served_.with([](admin::FakeControl& control) { return control.shutdowns; }), 1u);
}

TEST_F(SupervisorVerbs, SignalsHaveNamesOrNumbers) {
  served_.with([](admin::FakeControl& control) { control.signalled = 2; });
  for (const char* name : {"HUP", "SIGHUP", "hup", "sighup", "1"})
    expect_ran(batonctl({"signal", "items", name}), ExitCode::done, "sent to 2 workers\n", "");
  expect_ran(batonctl({"signal", "items", "USR2"}), ExitCode::done, "sent to 2 workers\n", "");
  served_.with([](admin::FakeControl& control) {
    ASSERT_EQ(control.signals.size(), 6u);
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(control.signals[static_cast<std::size_t>(i)].second, SIGHUP);
    EXPECT_EQ(control.signals[5].second, SIGUSR2);
    EXPECT_EQ(control.signals[5].first, "items");
  });
  served_.with([](admin::FakeControl& control) { control.signalled = 1; });
  expect_ran(batonctl({"signal", "items", "HUP"}), ExitCode::done, "sent to 1 worker\n", "");
}

TEST_F(SupervisorVerbs, ConfigCheckNeedsNoSupervisor) {
  const testing::TempDir dir;
  const std::string good = dir / "good.toml";
  testing::write_file(good,
                      "[listeners.web]\naddress = \"127.0.0.1:8080\"\n"
                      "[services.items]\ncommand = [\"bin/worker\"]\ndirectory = \"" +
                          dir.path().string() + "\"\nlisteners = [\"web\"]\n");
  served_.finish();
  expect_ran(batonctl({"config", "check", good}), ExitCode::done, good + ": ok\n", "");
  EXPECT_EQ(json::parse(batonctl({"-o", "json", "config", "check", good}).out),
            json({{"schema", 1}, {"problems", json::array()}}));

  const std::string bad = dir / "bad.toml";
  testing::write_file(bad, "[listeners.web]\nadress = \"127.0.0.1:8080\"\n");
  const auto ran = batonctl({"config", "check", bad});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find(bad + ":2:"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("'address'"), std::string::npos) << ran.err;
  const json problems = json::parse(batonctl({"-o", "json", "config", "check", bad}).out);
  EXPECT_EQ(problems["schema"], 1);
  EXPECT_EQ(
      problems["problems"].back(),
      json({{"file", bad},
            {"line", 2},
            {"column", 1},
            {"message", "unknown key 'adress' in [listeners.web]; did you mean 'address'?"}}));
}

}  // namespace
}  // namespace baton::ctl
