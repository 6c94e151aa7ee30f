// What is wrong in a canary, and with listeners that can't be split for it.
#include "tests/unit/supervisor/config/bad_config.hpp"

namespace baton::config {
namespace {

const std::string service = R"([listeners.web]
address = "127.0.0.1:8080"
[services.app]
command = ["run"]
directory = "/srv/app"
listeners = ["web"]
)";

class BadCanary : public testing::TestWithParam<BadConfig> {};

// One more line, the seventh, to a service that is good.
TEST_P(BadCanary, IsToldAtItsPlace) {
  EXPECT_EQ(problems_of(service + GetParam().text), "7:" + GetParam().problems);
}

std::string one_step(const std::string& keys) {
  return "canary = [ { " + keys + " } ]";
}

std::string steps(int count) {
  std::string list;
  for (int weight = 1; weight <= count; ++weight)
    list += "{ weight = " + std::to_string(weight) + ", for = '1s' }, ";
  return "canary = [ " + list + "]";
}

const std::string in_first = " in step 1 of 'canary' in [services.app] ";
const std::string in_second = " in step 2 of 'canary' in [services.app] ";

INSTANTIATE_TEST_SUITE_P(
    Step, BadCanary,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Number", "canary = 5",
         "10: 'canary' in [services.app] must be a list of tables, not integer"},
        {"OneTable", "canary = { weight = 5, for = '30s' }",
         "10: 'canary' in [services.app] must be a list of tables, not table"},
        {"StepNumber", "canary = [5]",
         "11: 'canary' in [services.app] must hold tables only, not integer"},
        {"Nothing", one_step(""),
         "12: 'weight'" + in_first + "is missing\n7:12: 'for'" + in_first + "is missing"},
        {"NoWeight", one_step("for = '30s'"), "12: 'weight'" + in_first + "is missing"},
        {"NoTime", one_step("weight = 5"), "12: 'for'" + in_first + "is missing"},
        {"WeightZero", one_step("weight = 0, for = '1s'"),
         "23: 'weight'" + in_first + "must be from 1 to 100, not 0"},
        {"WeightTooLarge", one_step("weight = 101, for = '1s'"),
         "23: 'weight'" + in_first + "must be from 1 to 100, not 101"},
        {"WeightText", one_step("weight = '5%', for = '1s'"),
         "23: 'weight'" + in_first + "must be a whole number, not string"},
        {"TimeZero", one_step("weight = 5, for = '0s'"),
         "32: 'for'" + in_first + "must be from 1ms to 1d, not 0s"},
        {"TimeTooLong", one_step("weight = 5, for = '2d'"),
         "32: 'for'" + in_first + "must be from 1ms to 1d, not 2d"},
        {"TimeNumber", one_step("weight = 5, for = 30"),
         "32: 'for'" + in_first + "must be a duration such as \"10s\", not integer"},
        {"Unknown", one_step("weight = 5, for = '1s', wait = '1s'"),
         "38: unknown key 'wait' in step 1 of 'canary' in [services.app]"},
        {"TooManySteps", steps(33), "10: 'canary' in [services.app] has more than 32 steps"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Order, BadCanary,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Falling", "canary = [{ weight = 50, for = '1s' }, { weight = 5, for = '1s' }]",
         "51: 'weight'" + in_second + "must be more than in the step before, 50, not 5"},
        {"Same", "canary = [{ weight = 50, for = '1s' }, { weight = 50, for = '1s' }]",
         "51: 'weight'" + in_second + "must be more than in the step before, 50, not 50"},
        {"AfterOneThatIsWrong", "canary = [{ weight = 0, for = '1s' }, { weight = 5, for = '1s' }]",
         "22: 'weight'" + in_first + "must be from 1 to 100, not 0"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Sticky, BadCanary,
    testing::ValuesIn(std::vector<BadConfig>{
        {"WithoutACanary", "sticky = 'client-ip'",
         "10: 'sticky' in [services.app] says how a canary is split, and there is no 'canary'; add "
         "one, or remove it"},
        {"WithACanaryThatIsWrong", "canary = 5\nsticky = 'client-ip'",
         "10: 'canary' in [services.app] must be a list of tables, not integer"},
        {"AlmostRight", "sticky = 'client_ip'",
         "10: 'sticky' in [services.app] must be client-ip, not 'client_ip'"},
        {"Cookie", "sticky = 'cookie'\ncanary = [{ weight = 5, for = '1s' }]",
         "10: 'sticky' in [services.app] must be client-ip, not 'cookie'"},
        {"Boolean", "sticky = true\ncanary = [{ weight = 5, for = '1s' }]",
         "10: 'sticky' in [services.app] must be a string, not boolean"},
    }),
    name_of);

const std::string listeners = R"([listeners.web]
address = "127.0.0.1:8080"
[listeners.api]
address = "[::1]:8081"
[listeners.local]
address = "unix:/run/app.sock"
)";

// Five lines.
std::string service_on(const std::string& name, const std::string& names,
                       const std::string& canary = "canary = [{ weight = 5, for = '1m' }]") {
  return "[services." + name + "]\ncommand = ['run']\ndirectory = '/srv'\nlisteners = [" + names +
         "]\n" + canary + "\n";
}

TEST(CanaryListeners, EachUnixSocketIsNamed) {
  EXPECT_EQ(problems_of(listeners + service_on("app", "'web', 'local'")),
            "11:10: 'canary' in [services.app] can't split [listeners.local], a Unix socket: the "
            "kernel splits TCP connections only");
}

TEST(CanaryListeners, ASharedOneIsNamedWithWhoSharesIt) {
  EXPECT_EQ(problems_of(listeners + service_on("app", "'web', 'api'") +
                        service_on("shop", "'api'", "workers = 2")),
            "11:10: 'canary' in [services.app] can't split [listeners.api], which [services.shop] "
            "shares: its connections would be split too; give each a listener of its own");
}

TEST(CanaryListeners, TwoCanariesOnOneAreBothTold) {
  EXPECT_EQ(problems_of(listeners + service_on("app", "'web'") + service_on("shop", "'web'")),
            "11:10: 'canary' in [services.app] can't split [listeners.web], which [services.shop] "
            "shares: its connections would be split too; give each a listener of its own\n"
            "16:10: 'canary' in [services.shop] can't split [listeners.web], which [services.app] "
            "shares: its connections would be split too; give each a listener of its own");
}

TEST(CanaryListeners, EachServiceMaySplitItsOwn) {
  EXPECT_EQ(problems_of(listeners + service_on("app", "'web'") + service_on("shop", "'api'") +
                        service_on("other", "'local'", "")),
            "");
}

TEST(CanaryListeners, OneThatIsWrongInItselfIsNoMistakeOfTheCanary) {
  EXPECT_EQ(problems_of("[listeners.web]\naddress = 'web'\n" + service_on("app", "'web', 'api'")),
            "2:11: 'address' in [listeners.web] bad address 'web': the port is missing; write it "
            "like 127.0.0.1:8080, [::1]:8080 or unix:/run/app.sock\n"
            "6:21: 'listeners' in [services.app] names 'api', but there is no [listeners.api]");
}

}  // namespace
}  // namespace baton::config
