#include "tests/unit/supervisor/config/bad_config.hpp"

#include <unistd.h>

namespace baton::config {
namespace {

// In front of the service that is wrong: its lines count from the sixth.
const std::string listeners = R"([listeners.web]
address = "127.0.0.1:8080"
[listeners.admin]
address = "unix:/run/admin.sock"
)";

const std::string whole = R"([services.app]
command = ["run"]
directory = "/srv/app"
listeners = ["web"]
)";

class BadService : public testing::TestWithParam<BadConfig> {};
class BadPolicy : public testing::TestWithParam<BadConfig> {};

TEST_P(BadService, EachProblemIsToldAtItsPlace) {
  EXPECT_EQ(problems_of(listeners + "[services.app]\n" + GetParam().text), GetParam().problems);
}

// One more line, the ninth, to a service that is good.
TEST_P(BadPolicy, IsToldAtItsPlace) {
  EXPECT_EQ(problems_of(listeners + whole + GetParam().text), "9:" + GetParam().problems);
}

std::string service(const std::string& command, const std::string& directory,
                    const std::string& names) {
  return "command = " + command + "\ndirectory = " + directory + "\nlisteners = " + names;
}

std::string many_listeners() {
  std::string list = "[";
  for (int i = 0; i < 65; ++i)
    list += "'web', ";
  return list + "]";
}

INSTANTIATE_TEST_SUITE_P(
    Required, BadService,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Nothing", "",
         "5:1: 'command' in [services.app] is missing\n"
         "5:1: 'directory' in [services.app] is missing\n"
         "5:1: 'listeners' in [services.app] is missing"},
        {"CommandText", service("'run --fast'", "'/srv'", "['web']"),
         "6:11: 'command' in [services.app] must be a list of strings, not string"},
        {"CommandEmpty", service("[]", "'/srv'", "['web']"),
         "6:11: 'command' in [services.app] must not be empty"},
        {"CommandOfNothing", service("['']", "'/srv'", "['web']"),
         "6:11: 'command' in [services.app] must begin with a program, not with an empty string"},
        {"ArgumentNumber", service("['run', 8080]", "'/srv'", "['web']"),
         "6:19: 'command' in [services.app] must hold strings only, not integer"},
        {"ArgumentNul", service(R"(['run', "a\u0000"])", "'/srv'", "['web']"),
         "6:19: 'command' in [services.app] must not hold a NUL byte"},
        {"DirectoryRelative", service("['run']", "'srv/app'", "['web']"),
         "7:13: 'directory' in [services.app] must be an absolute path, not 'srv/app'"},
        {"DirectoryNumber", service("['run']", "1", "['web']"),
         "7:13: 'directory' in [services.app] must be a string, not integer"},
        {"DirectoryEmpty", service("['run']", "''", "['web']"),
         "7:13: 'directory' in [services.app] must not be empty"},
        {"ListenersText", service("['run']", "'/srv'", "'web'"),
         "8:13: 'listeners' in [services.app] must be a list of strings, not string"},
        {"ListenersEmpty", service("['run']", "'/srv'", "[]"),
         "8:13: 'listeners' in [services.app] must not be empty"},
        {"ListenerNumber", service("['run']", "'/srv'", "['web', 1]"),
         "8:21: 'listeners' in [services.app] must hold strings only, not integer"},
        {"ListenerUnknownNear", service("['run']", "'/srv'", "['web', 'admni']"),
         "8:21: 'listeners' in [services.app] names 'admni', but there is no [listeners.admni]; "
         "did you mean 'admin'?"},
        {"ListenerUnknownFar", service("['run']", "'/srv'", "['metrics']"),
         "8:14: 'listeners' in [services.app] names 'metrics', but there is no "
         "[listeners.metrics]"},
        {"ListenerTwice", service("['run']", "'/srv'", "['web', 'web']"),
         "8:21: 'listeners' in [services.app] names 'web' twice"},
        {"ListenersTooMany", service("['run']", "'/srv'", many_listeners()),
         "8:13: 'listeners' in [services.app] names more than 64\n"
         "8:462: 'listeners' in [services.app] names 'web' twice"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadPolicy,
    testing::ValuesIn(std::vector<BadConfig>{
        {"NoWorkers", "workers = 0",
         "11: 'workers' in [services.app] must be from 1 to 512, not 0"},
        {"TooManyWorkers", "workers = 513",
         "11: 'workers' in [services.app] must be from 1 to 512, not 513"},
        {"WorkersText", "workers = 'two'",
         "11: 'workers' in [services.app] must be a whole number, not string"},
        {"WorkersOverflow", "workers = 4294967297",
         "11: 'workers' in [services.app] must be from 1 to 512, not 4294967297"},
        {"RestartNoTable", "restart = 5",
         "11: 'restart' in [services.app] must be a table, not integer"},
        {"RestartUnknown", "restart = { intial = '1s' }",
         "13: unknown key 'intial' in 'restart' in [services.app]; did you mean 'initial'?"},
        {"RestartLimitZero", "restart = { limit = 0 }",
         "21: 'limit' in 'restart' in [services.app] must be from 1 to 1000, not 0"},
        {"RestartLimitText", "restart = { limit = '5' }",
         "21: 'limit' in 'restart' in [services.app] must be a whole number, not string"},
        {"RestartMaxBelowInitial", "restart = { initial = '10s', max = '5s' }",
         "36: 'max' in 'restart' in [services.app] is 5s, shorter than 'initial', 10s"},
        {"RestartMaxWrongInItself", "restart = { initial = '1m', max = 5 }",
         "35: 'max' in 'restart' in [services.app] must be a duration such as \"10s\", not "
         "integer"},
        {"RestartInitialAboveDefaultMax", "restart = { initial = '1m' }",
         "11: 'max' in 'restart' in [services.app] is 30s, shorter than 'initial', 1m"},
    }),
    name_of);

// Each key that holds a duration, with each way to get it wrong.
std::vector<BadConfig> bad_durations() {
  struct Key {
    std::string name, before, after, column, where, range;
  };
  const std::string in_restart = "'restart' in [services.app]";
  std::vector<BadConfig> cases;
  for (const Key& key : {
           Key{"ready_timeout", "", "", "17", "[services.app]", "1ms to 1d"},
           Key{"drain_timeout", "", "", "17", "[services.app]", "1ms to 1d"},
           Key{"kill_grace", "", "", "14", "[services.app]", "1ms to 1d"},
           Key{"initial", "restart = { max = '1d', ", " }", "35", in_restart, "1ms to 1h"},
           Key{"max", "restart = { initial = '1ms', ", " }", "36", in_restart, "1ms to 1d"},
           Key{"within", "restart = { ", " }", "22", in_restart, "1ms to 1d"},
       }) {
    const auto add = [&](const std::string& what, const std::string& value,
                         const std::string& problem) {
      cases.push_back({key.name + "_" + what, key.before + key.name + " = " + value + key.after,
                       key.column + ": '" + key.name + "' in " + key.where + " " + problem});
    };
    const std::string how = "; write it like 250ms, 10s or 1m30s";
    add("number", "10", "must be a duration such as \"10s\", not integer");
    add("zero", "'0s'", "must be from " + key.range + ", not 0s");
    add("too_long", "'1d1ms'", "must be from " + key.range + ", not 1d1ms");
    add("no_unit", "'10'",
        "is wrong: bad duration '10': the unit is missing (ms, s, m, h or d)" + how);
    add("empty", "''", "is wrong: bad duration '': it is empty" + how);
    add("negative", "'-1s'", "is wrong: bad duration '-1s': a number is missing" + how);
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Durations, BadPolicy, testing::ValuesIn(bad_durations()), name_of);

INSTANTIATE_TEST_SUITE_P(
    Environment, BadPolicy,
    testing::ValuesIn(std::vector<BadConfig>{
        {"NoTable", "environment = ['A=b']",
         "15: 'environment' in [services.app] must be a table, not array"},
        {"Number", "environment = { PORT = 8080 }",
         "24: 'environment' in [services.app] must hold strings only, not integer"},
        {"EqualsSign", "environment = { 'A=B' = 'c' }",
         "25: 'environment' in [services.app] names a variable 'A=B', which no environment can "
         "hold"},
        {"EmptyName", "environment = { '' = 'c' }",
         "22: 'environment' in [services.app] names a variable '', which no environment can hold"},
        {"Nul", R"(environment = { A = "b\u0000" })",
         "21: 'environment' in [services.app] must not hold a NUL byte"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Accounts, BadPolicy,
    testing::ValuesIn(std::vector<BadConfig>{
        {"UserUnknown", "user = 'no-such-user'",
         "8: 'user' in [services.app] is wrong: there is no user 'no-such-user' on this machine"},
        {"UserNumber", "user = 1000", "8: 'user' in [services.app] must be a string, not integer"},
        {"UserEmpty", "user = ''", "8: 'user' in [services.app] must not be empty"},
        {"GroupUnknown", "group = 'no-such-group'",
         "9: 'group' in [services.app] is wrong: there is no group 'no-such-group' on this "
         "machine"},
        {"GroupNumber", "group = 0", "9: 'group' in [services.app] must be a string, not integer"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Unknown, BadPolicy,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Near", "drain_timout = '1s'",
         "1: unknown key 'drain_timout' in [services.app]; did you mean 'drain_timeout'?"},
        {"Far", "colour = 'red'", "1: unknown key 'colour' in [services.app]"},
        {"OtherCase", "Workers = 2",
         "1: unknown key 'Workers' in [services.app]; did you mean 'workers'?"},
    }),
    name_of);

TEST(Service, BadNameIsToldWithoutLookingInside) {
  EXPECT_EQ(problems_of(listeners + whole + "[services.'my app']\ncommand = 1"),
            "9:11: bad name 'my app' in [services]: a name is 1 to 64 of a-z, 0-9, '_' and '-'");
}

// So that removing a listener's mistake is one step, not two.
TEST(Service, MayNameAListenerThatIsWrongInItself) {
  EXPECT_EQ(problems_of("[listeners.web]\nbacklog = 1\n" + whole),
            "1:1: 'address' in [listeners.web] is missing");
}

TEST(Service, OnlyRootMayNameAnotherUser) {
  if (::geteuid() == 0) {
    EXPECT_EQ(problems_of(listeners + whole + "user = 'nobody'"), "");
    return;
  }
  EXPECT_EQ(problems_of(listeners + whole + "user = 'root'"),
            "9:8: 'user' in [services.app] is wrong: only a batond that runs as root can run "
            "workers as the user 'root'");
}

}  // namespace
}  // namespace baton::config
