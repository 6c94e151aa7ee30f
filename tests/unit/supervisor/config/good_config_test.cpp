#include "supervisor/config/config.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

namespace baton::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

// Sets or removes an environment variable for the length of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const old = std::getenv(name)) old_ = old;
    value ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Variable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

constexpr const char* least = R"(
[listeners.web]
address = "127.0.0.1:8080"
[services.app]
command = ["run"]
directory = "/srv/app"
listeners = ["web"]
)";

TEST(GoodConfig, EveryKeyIsRead) {
  const Config config = parse(R"(
[supervisor]
runtime_dir = "/run/b"
state_dir = "/var/lib/b"
log_file = "/var/log/b.log"
log_level = "debug"
log_format = "json"
history = 50

[listeners.web]
address = "0.0.0.0:8080"
backlog = 128

[services.items]
command = ["bin/worker", "--database", "", "a b"]
directory = "/srv/items/current"
listeners = ["web"]
workers = 3
environment = { LOG_LEVEL = "info", EMPTY = "" }
ready_timeout = "1s"
drain_timeout = "1m30s"
kill_grace = "250ms"
restart = { initial = "1ms", max = "1h", limit = 1000, within = "1d" }
)",
                              "f")
                            .value();
  const Supervisor supervisor{.runtime_dir = "/run/b",
                              .state_dir = "/var/lib/b",
                              .log_file = "/var/log/b.log",
                              .log_level = "debug",
                              .log_format = LogFormat::json,
                              .history = 50};
  EXPECT_EQ(config.supervisor, supervisor);
  const Listener web{"web", net::Ipv4Address{"0.0.0.0", 8080}, 128};
  EXPECT_THAT(config.listeners, ElementsAre(Pair("web", web)));
  Service items{.name = "items",
                .command = {"bin/worker", "--database", "", "a b"},
                .directory = "/srv/items/current",
                .listeners = {"web"},
                .environment = {{"LOG_LEVEL", "info"}, {"EMPTY", ""}},
                .user = "",
                .group = "",
                .policy = {3, 1s, 90s, 250ms, {1ms, 1h, 1000, 24h}}};
  EXPECT_THAT(config.services, ElementsAre(Pair("items", items)));
}

TEST(GoodConfig, WhatIsNotSaidHasItsDefault) {
  const Config config = parse(least, "f").value();
  EXPECT_EQ(config.supervisor.log_level, "info");
  EXPECT_EQ(config.supervisor.log_format, LogFormat::text);
  EXPECT_EQ(config.supervisor.log_file, "");
  EXPECT_EQ(config.supervisor.history, 1000U);
  EXPECT_EQ(config.listeners.at("web").backlog, 4096);
  const core::ServicePolicy policy{1, 10s, 10s, 2s, {100ms, 30s, 5, 1min}};
  EXPECT_EQ(config.services.at("app").policy, policy);
  EXPECT_TRUE(config.services.at("app").environment.empty());
}

TEST(GoodConfig, DirectoriesWithoutAKeyAreThoseOfTheUser) {
  const Variable runtime("XDG_RUNTIME_DIR", "/run/user/7");
  const Variable state("XDG_STATE_HOME", nullptr);
  const Variable home("HOME", "/home/me");
  const Supervisor supervisor = parse(least, "f").value().supervisor;
  const bool root = ::geteuid() == 0;
  EXPECT_EQ(supervisor.runtime_dir, root ? "/run/baton" : "/run/user/7/baton");
  EXPECT_EQ(supervisor.state_dir, root ? "/var/lib/baton" : "/home/me/.local/state/baton");
}

TEST(GoodConfig, ListenersOfEachKind) {
  const Config config = parse(std::string(least) + R"(
[listeners.v6]
address = "[0:0:0::1]:0"
[listeners.local]
address = "unix:/run/app.sock"
)",
                              "f")
                            .value();
  EXPECT_EQ(config.listeners.at("web").address, net::Address(net::Ipv4Address{"127.0.0.1", 8080}));
  EXPECT_EQ(config.listeners.at("v6").address, net::Address(net::Ipv6Address{"::1", 0}));
  EXPECT_EQ(config.listeners.at("local").address, net::Address(net::UnixAddress{"/run/app.sock"}));
}

TEST(GoodConfig, ServicesMayShareAListener) {
  const Config config = parse(std::string(least) + R"(
[services.other]
command = ["run"]
directory = "/srv/other"
listeners = ["web"]
)",
                              "f")
                            .value();
  EXPECT_THAT(config.services.at("other").listeners, ElementsAre("web"));
  EXPECT_THAT(config.services.at("app").listeners, ElementsAre("web"));
}

// What docs/configuration.md shows as an example.
TEST(GoodConfig, TheDocumentedExampleIsOne) {
  const std::string page = baton::testing::read_file(BATON_DOCS_DIR "/configuration.md");
  const std::string begin = "```toml\n";
  const std::size_t from = page.find(begin) + begin.size();
  const Loaded loaded = parse(page.substr(from, page.find("```", from) - from), "example");
  ASSERT_TRUE(loaded) << format_problems(loaded.error());
  EXPECT_EQ(loaded->services.at("items").listeners.size(), 3U);
}

// The program is looked for in the release that is current at the deploy, so it stays as written.
TEST(GoodConfig, TheCommandStaysRelativeToItsDirectory) {
  const Service service = parse(least, "f").value().services.at("app");
  EXPECT_EQ(service.command.front(), "run");
  EXPECT_EQ(service.directory, "/srv/app");
}

}  // namespace
}  // namespace baton::config
