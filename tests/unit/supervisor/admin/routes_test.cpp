// What each route answers, over a real socket.
#include "tests/unit/supervisor/admin/raw_client.hpp"
#include "tests/unit/supervisor/admin/served_control.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

namespace baton::admin {
namespace {

using nlohmann::json;

class Routes : public ::testing::Test {
 protected:
  HttpAnswer ask(const std::string& method_and_target, const std::string& body = {}) {
    return admin::ask(served_.socket(), method_and_target, body);
  }

  ServedControl served_;
};

TEST_F(Routes, PingAnswersWithoutAskingTheSupervisor) {
  const auto answer = ask("GET /v1/ping");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body, "{\"pong\":true,\"schema\":1}\n");
}

TEST_F(Routes, VersionIsThatOfTheSupervisor) {
  served_.with([](FakeControl& control) { control.now = {"1.2.3", 4711, 0, {}}; });
  EXPECT_EQ(ask("GET /v1/version").json(),
            json({{"version", "1.2.3"}, {"pid", 4711}, {"schema", 1}}));
}

TEST_F(Routes, StatusIsWhatTheSupervisorSays) {
  served_.with([](FakeControl& control) {
    control.now = {"1.2.3", 4711, 5000, {ServiceStatus{"items", "running", "idle", {"web"}, {}}}};
  });
  const json status = ask("GET /v1/status").json();
  EXPECT_EQ(status["schema"], 1);
  EXPECT_EQ(status["uptime_ms"], 5000);
  EXPECT_EQ(status["services"][0]["name"], "items");
  EXPECT_EQ(status["services"][0]["listeners"], json({"web"}));
}

TEST_F(Routes, SignalReachesTheSupervisorWithTheCaller) {
  served_.with([](FakeControl& control) { control.signalled = 2; });
  const auto answer = ask("POST /v1/signal", R"({"service":"items","signal":10})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json(), json({{"signalled", 2}, {"schema", 1}}));
  served_.with([](FakeControl& control) {
    ASSERT_EQ(control.signals.size(), 1u);
    EXPECT_EQ(control.signals[0], (std::pair<std::string, int>("items", 10)));
    EXPECT_EQ(control.peer.uid, ::geteuid());
    EXPECT_EQ(control.peer.pid, ::getpid());
  });
}

TEST_F(Routes, SignalMustBeANumberOfASignal) {
  for (const char* body : {
           R"({})",
           R"({"service":"items"})",
           R"({"signal":1})",
           R"({"service":1,"signal":1})",
           R"({"service":"items","signal":"HUP"})",
           R"({"service":"items","signal":0})",
           R"({"service":"items","signal":-1})",
           R"({"service":"items","signal":65})",
           R"({"service":"items","signal":1.5})",
           R"({"service":"items","signal":4294967297})",
       }) {
    const auto answer = ask("POST /v1/signal", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ(answer.message(),
              "a signal needs 'service', a string, and 'signal', a number from 1 to 64");
  }
  EXPECT_TRUE(served_.with([](FakeControl& control) { return control.signals.empty(); }));
}

TEST_F(Routes, ReloadNeedsNoBody) {
  EXPECT_EQ(ask("POST /v1/reload").json(), json({{"reloaded", true}, {"schema", 1}}));
  EXPECT_EQ(served_.with([](FakeControl& control) { return control.reloads; }), 1u);
}

TEST_F(Routes, ReloadOfABadFileSaysEverythingThatIsWrong) {
  const std::string problems = "baton.toml:3:1: unknown key 'bcklog'\nbaton.toml:9:1: too many";
  served_.with([&](FakeControl& control) {
    control.refusal = Error{Errc::invalid_input, problems};
  });
  const auto answer = ask("POST /v1/reload");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json(),
            json({{"error", {{"status", 422}, {"message", problems}}}, {"schema", 1}}));
}

TEST_F(Routes, ShutdownIsAnsweredAndDone) {
  EXPECT_EQ(ask("POST /v1/shutdown").json(), json({{"stopping", true}, {"schema", 1}}));
  EXPECT_EQ(served_.with([](FakeControl& control) { return control.shutdowns; }), 1u);
}

TEST_F(Routes, WhatTheSupervisorRefusesHasAStatusOfItsOwn) {
  const std::vector<std::pair<Errc, int>> rows{
      {Errc::not_found, 404}, {Errc::invalid_input, 422}, {Errc::not_permitted, 403},
      {Errc::busy, 503},      {Errc::system, 500},        {Errc::timed_out, 500},
  };
  for (const auto& [code, status] : rows) {
    served_.with([refused = code](FakeControl& control) {
      control.refusal = Error{refused, "no"};
    });
    const auto answer = ask("POST /v1/signal", R"({"service":"items","signal":1})");
    EXPECT_EQ(answer.status, status) << to_string(code);
    EXPECT_EQ(answer.json(),
              json({{"error", {{"status", status}, {"message", "no"}}}, {"schema", 1}}));
  }
}

TEST_F(Routes, AQueryThatARouteDoesNotKnowIsIgnored) {
  EXPECT_EQ(ask("GET /v1/ping?verbose=1").status, 200);
  EXPECT_EQ(ask("GET /v1/ping?").status, 200);
}

}  // namespace
}  // namespace baton::admin
