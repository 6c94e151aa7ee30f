// The fixture of guarded deploys: faulty-worker as the service, whose second release has the faults
// that a test switches on.
#pragma once

#include "tests/integration/batond_test.hpp"

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <string>
#include <variant>

namespace baton::testing {

class Guarded : public BatondTest {
 protected:
  Guarded() {
    std::filesystem::create_directories(faults_);
    std::filesystem::create_directories(scratch("no-faults"));
    site_.services["app"].drain_timeout = "2s";
    site_.services["app"].kill_grace = "500ms";
  }

  // A health gate, and besides it "canary" (half of the connections, for an hour), "bake" (for an
  // hour), "standby" (for an hour) or nothing more.
  static std::string guards(const std::string& more, const std::string& deadline = "2s") {
    std::string text = "health = { interval = \"20ms\", timeout = \"500ms\", deadline = \"" +
                       deadline + "\", failures = 2 }\n";
    if (more == "canary") text += "canary = [ { weight = 50, for = \"1h\" } ]\n";
    if (more == "bake") text += "bake = \"1h\"\n";
    if (more == "standby") text += "standby = \"1h\"\n";
    if (more != "standby") text += "error_limit = { percent = 10, at_least = 20 }\n";
    return text;
  }

  void serve() {
    site_.add_release("v1", {program("faulty-worker"), scratch("no-faults")});
    site_.add_release("v2", {program("faulty-worker"), faults_});
    site_.use("v1");
    start();
  }

  // Atomically: a worker sees all of the text, or nothing.
  void fault(const std::string& name, const std::string& text = {}) {
    write_file(scratch("fault"), text);
    std::filesystem::rename(scratch("fault"), faults_ / name);
  }
  void mend(const std::string& name) { std::filesystem::remove(faults_ / name); }

  void wait_for_phase(const std::string& phase) {
    const auto entered = [&](const LogEntry& entry) {
      return entry.kind == "deploy_phase" && entry.generation == 2 && entry.text.starts_with(phase);
    };
    ASSERT_TRUE(batond().wait_for(entered)) << phase;
  }

  // Requests, until the deploy that is under way has been taken back.
  void ask_until_gone(const std::string& path) {
    const auto port = std::get<net::Ipv4Address>(batond().address("web")).port;
    EXPECT_TRUE(eventually([&] {
      for (int i = 0; i < 50; ++i)
        httplib::Client("127.0.0.1", port).Get(path);
      return !batond().entries("trouble").empty();
    }));
  }

  torture::Options keep_alive_clients() {
    torture::Options options = clients(torture::Mode::keep_alive, 8);
    options.think_time = std::chrono::milliseconds{1};
    options.expect_kept = true;
    return options;
  }
  static void expect_kept(const torture::Report& report) {
    expect_nothing_lost(report);
    EXPECT_EQ(report.connections, 8u);
    EXPECT_EQ(report.close_answers, 0u);
  }
  static void expect_nothing_lost(const torture::Report& report) {
    EXPECT_TRUE(report.passed()) << torture::to_json(report);
    EXPECT_GT(report.answered, 0u);
  }

  // "batonctl -o json show ID"
  nlohmann::json record(const std::string& id) {
    const Ran ran = batond().ctl({"-o", "json", "show", id});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return nlohmann::json::parse(ran.out, nullptr, false);
  }

  const std::filesystem::path faults_ = scratch("faults");
};

}  // namespace baton::testing
