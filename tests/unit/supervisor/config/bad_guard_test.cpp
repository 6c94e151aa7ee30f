// What is wrong in the keys that guard a deploy, but for those of a canary.
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

class BadGuard : public testing::TestWithParam<BadConfig> {};
class BadHealth : public testing::TestWithParam<BadConfig> {};

// One more line, the seventh, to a service that is good.
TEST_P(BadGuard, IsToldAtItsPlace) {
  EXPECT_EQ(problems_of(service + GetParam().text), "7:" + GetParam().problems);
}

// What stands between the braces.
TEST_P(BadHealth, IsToldAtItsPlace) {
  EXPECT_EQ(problems_of(service + "health = { " + GetParam().text + " }"),
            "7:" + GetParam().problems);
}

BadConfig bad_path(const std::string& name, const std::string& path, const std::string& shown) {
  return {name, "path = \"" + path + "\"",
          "19: 'path' in 'health' in [services.app] must begin with / and hold visible ASCII "
          "characters only, and no #, not '" +
              shown + "'"};
}

INSTANTIATE_TEST_SUITE_P(
    Path, BadHealth,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Number", "path = 1",
         "19: 'path' in 'health' in [services.app] must be a string, not integer"},
        {"Empty", "path = ''", "19: 'path' in 'health' in [services.app] must not be empty"},
        {"Nul", R"(path = "/\u0000")",
         "19: 'path' in 'health' in [services.app] must not hold a NUL byte"},
        bad_path("Relative", "healthz", "healthz"),
        bad_path("Url", "http://127.0.0.1/healthz", "http://127.0.0.1/healthz"),
        bad_path("Space", "/a b", "/a b"),
        bad_path("AnotherHeader", "/ HTTP/1.1\\r\\nX: y", "/ HTTP/1.1\\x0d\\x0aX: y"),
        bad_path("Tab", "/a\\tb", "/a\\x09b"),
        bad_path("Delete", "/\\u007f", "/\\x7f"),
        bad_path("Fragment", "/a#b", "/a#b"),
        bad_path("NotAscii", "/\u00e9", "/\u00e9"),
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadHealth,
    testing::ValuesIn(std::vector<BadConfig>{
        {"StatusTooSmall", "status = 99",
         "21: 'status' in 'health' in [services.app] must be from 100 to 599, not 99"},
        {"StatusTooLarge", "status = 600",
         "21: 'status' in 'health' in [services.app] must be from 100 to 599, not 600"},
        {"StatusText", "status = '2xx'",
         "21: 'status' in 'health' in [services.app] must be a whole number, not string"},
        {"NoSuccess", "successes = 0",
         "24: 'successes' in 'health' in [services.app] must be from 1 to 1000, not 0"},
        {"TooManySuccesses", "successes = 1001",
         "24: 'successes' in 'health' in [services.app] must be from 1 to 1000, not 1001"},
        {"NoFailure", "failures = 0",
         "23: 'failures' in 'health' in [services.app] must be from 1 to 1000, not 0"},
        {"TooManyFailures", "failures = 1001",
         "23: 'failures' in 'health' in [services.app] must be from 1 to 1000, not 1001"},
        {"Unknown", "intervall = '1s'",
         "12: unknown key 'intervall' in 'health' in [services.app]; did you mean 'interval'?"},
    }),
    name_of);

std::vector<BadConfig> bad_durations() {
  std::vector<BadConfig> cases;
  for (const auto& [key, column] : {std::pair<std::string, std::string>{"interval", "23"},
                                    {"timeout", "22"},
                                    {"deadline", "23"}}) {
    const std::string place = column + ": '" + key + "' in 'health' in [services.app] ";
    cases.push_back(
        {key + "_number", key + " = 1", place + "must be a duration such as \"10s\", not integer"});
    cases.push_back({key + "_zero", key + " = '0s'", place + "must be from 1ms to 1d, not 0s"});
    cases.push_back(
        {key + "_too_long", key + " = '1d1ms'", place + "must be from 1ms to 1d, not 1d1ms"});
    cases.push_back({key + "_no_unit", key + " = '1'",
                     place + "is wrong: bad duration '1': the unit is missing (ms, s, m, h or d); "
                             "write it like 250ms, 10s or 1m30s"});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Durations, BadHealth, testing::ValuesIn(bad_durations()), name_of);

INSTANTIATE_TEST_SUITE_P(
    Deadline, BadHealth,
    testing::ValuesIn(std::vector<BadConfig>{
        {"ShorterThanTheTimeout", "timeout = '3s', deadline = '2s'",
         "22: 'timeout' in 'health' in [services.app] is 3s, longer than 'deadline', 2s"},
        {"ShorterThanTheDefaultTimeout", "deadline = '500ms'",
         "10: 'timeout' in 'health' in [services.app] is 1s, longer than 'deadline', 500ms"},
        {"TooShortForTheSuccesses", "successes = 3, interval = '5s'",
         "10: 'deadline' in 'health' in [services.app] is 10s, but 3 successes, one each 5s, take "
         "longer than 10s"},
        {"WrongInItself", "timeout = '20s', deadline = 'soon', successes = 1000",
         "40: 'deadline' in 'health' in [services.app] is wrong: bad duration 'soon': a number is "
         "missing; write it like 250ms, 10s or 1m30s"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Times, BadGuard,
    testing::ValuesIn(std::vector<BadConfig>{
        {"HealthNoTable", "health = '/healthz'",
         "10: 'health' in [services.app] must be a table, not string"},
        {"BakeNumber", "bake = 30",
         "8: 'bake' in [services.app] must be a duration such as \"10s\", not integer"},
        {"BakeTooLong", "bake = '1d1ms'",
         "8: 'bake' in [services.app] must be from 0s to 1d, not 1d1ms"},
        {"BakeNegative", "bake = '-1s'",
         "8: 'bake' in [services.app] is wrong: bad duration '-1s': a number is missing; write it "
         "like 250ms, 10s or 1m30s"},
        {"StandbyForEver", "standby = true",
         "11: 'standby' in [services.app] must be a duration such as \"10s\", not boolean"},
        {"StandbyTooLong", "standby = '25h'",
         "11: 'standby' in [services.app] must be from 0s to 1d, not 1d1h"},
        {"OneGeneration", "max_generations = 1",
         "19: 'max_generations' in [services.app] must be from 2 to 16, not 1"},
        {"TooManyGenerations", "max_generations = 17",
         "19: 'max_generations' in [services.app] must be from 2 to 16, not 17"},
        {"GenerationsText", "max_generations = '3'",
         "19: 'max_generations' in [services.app] must be a whole number, not string"},
        {"UnknownNear", "error_limits = {}",
         "1: unknown key 'error_limits' in [services.app]; did you mean 'error_limit'?"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ErrorLimit, BadGuard,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Number", "error_limit = 5",
         "15: 'error_limit' in [services.app] must be a table, not integer"},
        {"NoPercent", "error_limit = { at_least = 5 }\nbake = '1s'",
         "15: 'percent' in 'error_limit' in [services.app] is missing"},
        {"PercentNegative", "error_limit = { percent = -1 }\nbake = '1s'",
         "27: 'percent' in 'error_limit' in [services.app] must be from 0 to 99, not -1"},
        {"PercentThatCannotBeExceeded", "error_limit = { percent = 100 }\nbake = '1s'",
         "27: 'percent' in 'error_limit' in [services.app] must be from 0 to 99, not 100"},
        {"PercentFraction", "error_limit = { percent = 0.5 }\nbake = '1s'",
         "27: 'percent' in 'error_limit' in [services.app] must be a whole number, not "
         "floating-point"},
        {"AtLeastNone", "error_limit = { percent = 5, at_least = 0 }\nbake = '1s'",
         "41: 'at_least' in 'error_limit' in [services.app] must be from 1 to 1000000, not 0"},
        {"AtLeastTooMany", "error_limit = { percent = 5, at_least = 1000001 }\nbake = '1s'",
         "41: 'at_least' in 'error_limit' in [services.app] must be from 1 to 1000000, not "
         "1000001"},
        {"Unknown", "error_limit = { percent = 5, atleast = 1 }\nbake = '1s'",
         "30: unknown key 'atleast' in 'error_limit' in [services.app]; did you mean 'at_least'?"},
        {"NothingToLookIn", "error_limit = { percent = 5 }",
         "15: 'error_limit' in [services.app] is looked at in a canary or a bake, and there is "
         "neither; add one, or remove it"},
        {"BakeIsOff", "error_limit = { percent = 5 }\nbake = '0s'\ncanary = []",
         "15: 'error_limit' in [services.app] is looked at in a canary or a bake, and there is "
         "neither; add one, or remove it"},
        {"BakeIsWrong", "bake = '1'\nerror_limit = { percent = 5 }",
         "8: 'bake' in [services.app] is wrong: bad duration '1': the unit is missing (ms, s, m, h "
         "or d); write it like 250ms, 10s or 1m30s"},
    }),
    name_of);

}  // namespace
}  // namespace baton::config
