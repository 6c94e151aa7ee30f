#include "tests/unit/supervisor/config/bad_config.hpp"

namespace baton::config {
namespace {

// Everything else that a file needs, behind the table that is wrong.
const std::string rest = R"(
[listeners.web]
address = "127.0.0.1:8080"
[services.app]
command = ["run"]
directory = "/srv/app"
listeners = ["web"]
)";

class BadSupervisor : public testing::TestWithParam<BadConfig> {};

TEST_P(BadSupervisor, EachProblemIsToldAtItsPlace) {
  EXPECT_EQ(problems_of("[supervisor]\n" + GetParam().text + rest), GetParam().problems);
}

std::string long_path(std::size_t size) {
  return std::string("/").append(size - 1, 'x');
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadSupervisor,
    testing::ValuesIn(std::vector<BadConfig>{
        {"RuntimeDirNumber", "runtime_dir = 1",
         "2:15: 'runtime_dir' in [supervisor] must be a string, not integer"},
        {"RuntimeDirEmpty", "runtime_dir = ''",
         "2:15: 'runtime_dir' in [supervisor] must not be empty"},
        {"RuntimeDirRelative", "runtime_dir = 'run'",
         "2:15: 'runtime_dir' in [supervisor] must be an absolute path, not 'run'"},
        {"RuntimeDirTooLong", "runtime_dir = '" + long_path(95) + "'",
         "2:15: 'runtime_dir' in [supervisor] is longer than 94 bytes, so that its control.sock "
         "can't be bound"},
        {"RuntimeDirNul", R"(runtime_dir = "/a\u0000b")",
         "2:15: 'runtime_dir' in [supervisor] must not hold a NUL byte"},
        {"StateDirRelative", "state_dir = '../state'",
         "2:13: 'state_dir' in [supervisor] must be an absolute path, not '../state'"},
        {"StateDirBoolean", "state_dir = true",
         "2:13: 'state_dir' in [supervisor] must be a string, not boolean"},
        {"LogFileRelative", "log_file = 'batond.log'",
         "2:12: 'log_file' in [supervisor] must be an absolute path, not 'batond.log'"},
        {"LogFileList", "log_file = []",
         "2:12: 'log_file' in [supervisor] must be a string, not array"},
        {"LogLevelUnknown", "log_level = 'verbose'",
         "2:13: 'log_level' in [supervisor] must be one of trace, debug, info, warn, error, not "
         "'verbose'"},
        {"LogLevelNumber", "log_level = 3",
         "2:13: 'log_level' in [supervisor] must be a string, not integer"},
        {"LogFormatUnknown", "log_format = 'xml'",
         "2:14: 'log_format' in [supervisor] must be one of text, json, not 'xml'"},
        {"LogFormatDate", "log_format = 2026-11-23",
         "2:14: 'log_format' in [supervisor] must be a string, not date"},
        {"HistoryOfNothing", "history = 0",
         "2:11: 'history' in [supervisor] must be from 1 to 1000000, not 0"},
        {"HistoryTooLong", "history = 1000001",
         "2:11: 'history' in [supervisor] must be from 1 to 1000000, not 1000001"},
        {"HistoryDuration", "history = '30d'",
         "2:11: 'history' in [supervisor] must be a whole number, not string"},
        {"UnknownNear", "log_levle = 'info'",
         "2:1: unknown key 'log_levle' in [supervisor]; did you mean 'log_level'?"},
        {"UnknownFar", "colour = 'red'", "2:1: unknown key 'colour' in [supervisor]"},
        {"UnknownTable", "[supervisor.logging]", "2:13: unknown key 'logging' in [supervisor]"},
        {"SeveralInTheirOrder", "log_format = 1\nunknown = 2\n  state_dir = 'x'",
         "2:14: 'log_format' in [supervisor] must be a string, not integer\n"
         "3:1: unknown key 'unknown' in [supervisor]\n"
         "4:15: 'state_dir' in [supervisor] must be an absolute path, not 'x'"},
        {"ControlsAreShownAsSuch", R"(log_level = "a\u001b[31m")",
         "2:13: 'log_level' in [supervisor] must be one of trace, debug, info, warn, error, not "
         "'a\\x1b[31m'"},
    }),
    name_of);

TEST(Supervisor, TheLongestRuntimeDirStillHoldsItsSocket) {
  EXPECT_EQ(problems_of("[supervisor]\nruntime_dir = '" + long_path(94) + "'" + rest), "");
}

}  // namespace
}  // namespace baton::config
