#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <nlohmann/json.hpp>

namespace baton::ctl {
namespace {

using nlohmann::json;

class StatusVerb : public CtlTest {
 protected:
  void SetUp() override {
    set_services({{"items", "running", "idle", {"web 0.0.0.0:80"}, {}},
                  {"mail", "stopped", "idle", {"smtp 0.0.0.0:25"}, {}}});
  }
};

TEST_F(StatusVerb, SaysInItsExitCodeThatSomethingIsNotRunning) {
  expect_ran(batonctl({"status"}), ExitCode::not_running,
             "items  running  web 0.0.0.0:80\n\nmail  stopped  smtp 0.0.0.0:25\n", "");
}

TEST_F(StatusVerb, ShowsTheServicesThatWereAskedForInTheirOrder) {
  expect_ran(batonctl({"status", "items"}), ExitCode::done, "items  running  web 0.0.0.0:80\n", "");
  expect_ran(batonctl({"status", "mail", "items"}), ExitCode::not_running,
             "mail  stopped  smtp 0.0.0.0:25\n\nitems  running  web 0.0.0.0:80\n", "");
}

TEST_F(StatusVerb, UnknownServiceIsAnErrorWithASuggestion) {
  expect_ran(batonctl({"status", "itmes"}), ExitCode::failed, "",
             "batonctl: there is no service 'itmes'; did you mean 'items'?\n");
  expect_ran(batonctl({"status", "items", "queue"}), ExitCode::failed, "",
             "batonctl: there is no service 'queue'\n");
}

TEST_F(StatusVerb, JsonIsTheDocumentWithItsSchema) {
  const auto ran = batonctl({"-o", "json", "status", "mail"});
  EXPECT_EQ(ran.exit_code, 3);
  const json status = json::parse(ran.out);
  EXPECT_EQ(status["schema"], 1);
  EXPECT_EQ(status["version"], "1.2.3");
  ASSERT_EQ(status["services"].size(), 1u);
  EXPECT_EQ(status["services"][0]["name"], "mail");
  EXPECT_EQ(batonctl({"status", "mail", "--output=json"}).out, ran.out);
}

TEST_F(StatusVerb, SupervisorWithoutServices) {
  set_services({});
  expect_ran(batonctl({"status"}), ExitCode::done, "no services\n", "");
}

}  // namespace
}  // namespace baton::ctl
