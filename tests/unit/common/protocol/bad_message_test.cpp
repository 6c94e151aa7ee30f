// Every way in which a message can be wrong, with the sentence that its sender gets to see.
#include "common/protocol/codec.hpp"

#include <gtest/gtest.h>

namespace baton::protocol {
namespace {

struct Bad {
  std::string name;
  std::string bytes;
  std::string message;
};

constexpr auto name_of = [](const auto& it) { return it.param.name; };

class BadFromWorker : public testing::TestWithParam<Bad> {};
class BadFromSupervisor : public testing::TestWithParam<Bad> {};

template <class Message>
void expect_refused(const Result<Message>& decoded, const std::string& message) {
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Errc::invalid_input);
  EXPECT_EQ(decoded.error().message, message);
}

TEST_P(BadFromWorker, IsRefusedWithTheReason) {
  expect_refused(decode_from_worker(GetParam().bytes), GetParam().message);
}

TEST_P(BadFromSupervisor, IsRefusedWithTheReason) {
  expect_refused(decode_from_supervisor(GetParam().bytes), GetParam().message);
}

// What is wrong before it matters who speaks.
std::vector<Bad> of_anybody() {
  const std::string no_object = "a message is not a JSON object";
  std::string deep = R"({"type":"ready","deep":)";
  for (int level = 0; level < 20; ++level)
    deep += '[';
  return {
      {"Empty", "", no_object},
      {"NotJson", "hello", no_object},
      {"CutShort", R"({"type":"ready")", no_object},
      {"TwoObjects", R"({"type":"ready"}{"type":"ready"})", no_object},
      {"Nul", std::string("\0", 1), no_object},
      {"BadUtf8", "{\"type\":\"\xff\"}", no_object},
      {"Null", "null", no_object},
      {"List", R"(["ready"])", no_object},
      {"Text", R"("ready")", no_object},
      {"Number", "1", no_object},
      {"TooDeep", deep, "a message is nested too deeply"},
      {"TooLong", R"({"type":")" + std::string(65'536, 'x') + "\"}",
       "a message is longer than 64 KiB"},
      {"NoType", "{}", "in a message of type '': 'type' is missing"},
      {"TypeIsNumber", R"({"type":1})", "in a message of type '': 'type' must be a string"},
      {"TypeIsNull", R"({"type":null})", "in a message of type '': 'type' must be a string"},
      {"UnknownType", R"({"type":"hallo"})", "unknown message type 'hallo'"},
      {"EmptyType", R"({"type":""})", "unknown message type ''"},
      {"TypeInCapitals", R"({"type":"READY"})", "unknown message type 'READY'"},
      {"LongType", R"({"type":")" + std::string(1000, 'x') + "\"}",
       "unknown message type '" + std::string(32, 'x') + "'"},
  };
}

INSTANTIATE_TEST_SUITE_P(Anybody, BadFromWorker, testing::ValuesIn(of_anybody()), name_of);
INSTANTIATE_TEST_SUITE_P(Anybody, BadFromSupervisor, testing::ValuesIn(of_anybody()), name_of);

std::string hello(const std::string& versions, const std::string& capabilities,
                  const std::string& pid) {
  return R"({"type":"hello","versions":)" + versions + R"(,"capabilities":)" + capabilities +
         R"(,"pid":)" + pid + "}";
}

std::string of(const std::string& type, const std::string& problem) {
  return "in a message of type '" + type + "': " + problem;
}

const std::string whole_numbers = "'versions' must be a list of whole numbers";
const std::string pid_range = "'pid' must be a whole number in range";

INSTANTIATE_TEST_SUITE_P(
    Worker, BadFromWorker,
    testing::ValuesIn(std::vector<Bad>{
        {"HelloWithoutVersions", R"({"type":"hello","capabilities":[],"pid":1})",
         of("hello", "'versions' is missing")},
        {"HelloWithoutCapabilities", R"({"type":"hello","versions":[1],"pid":1})",
         of("hello", "'capabilities' is missing")},
        {"HelloWithoutPid", R"({"type":"hello","versions":[1],"capabilities":[]})",
         of("hello", "'pid' is missing")},
        {"HelloOfNothing", R"({"type":"hello"})", of("hello", "'versions' is missing")},
        {"VersionsNoList", hello("1", "[]", "1"), of("hello", whole_numbers)},
        {"VersionIsText", hello("[\"1\"]", "[]", "1"), of("hello", whole_numbers)},
        {"VersionIsNegative", hello("[-1]", "[]", "1"), of("hello", whole_numbers)},
        {"VersionIsFraction", hello("[1.5]", "[]", "1"), of("hello", whole_numbers)},
        {"VersionIsHuge", hello("[1000001]", "[]", "1"), of("hello", whole_numbers)},
        {"CapabilityIsNumber", hello("[1]", "[1]", "1"),
         of("hello", "'capabilities' must be a list of strings")},
        {"CapabilitiesNoList", hello("[1]", "{}", "1"),
         of("hello", "'capabilities' must be a list of strings")},
        {"PidIsText", hello("[1]", "[]", "\"1\""), of("hello", pid_range)},
        {"PidIsNegative", hello("[1]", "[]", "-1"), of("hello", pid_range)},
        {"PidIsTooLarge", hello("[1]", "[]", "2147483648"), of("hello", pid_range)},
        {"PidIsAbsurd", hello("[1]", "[]", "1e400"), "a message is not a JSON object"},
        {"ProgressWithoutConnections", R"({"type":"progress","in_flight":0,"requests":0})",
         of("progress", "'connections' is missing")},
        {"ProgressWithoutInFlight", R"({"type":"progress","connections":0,"requests":0})",
         of("progress", "'in_flight' is missing")},
        {"ProgressWithoutRequests", R"({"type":"progress","connections":0,"in_flight":0})",
         of("progress", "'requests' is missing")},
        {"NegativeConnections",
         R"({"type":"progress","connections":-1,"in_flight":0,"requests":0})",
         of("progress", "'connections' must be a whole number in range")},
        {"NegativeErrors",
         R"({"type":"progress","connections":0,"in_flight":0,"requests":0,"errors":-1})",
         of("progress", "'errors' must be a whole number in range")},
        {"DrainedWithoutFinished", R"({"type":"drained","cut_off":0})",
         of("drained", "'finished' is missing")},
        {"DrainedWithoutCutOff", R"({"type":"drained","finished":0})",
         of("drained", "'cut_off' is missing")},
        {"FinishedIsText", R"({"type":"drained","finished":"0","cut_off":0})",
         of("drained", "'finished' must be a whole number in range")},
        {"FailedWithoutReason", R"({"type":"failed"})", of("failed", "'reason' is missing")},
        {"ReasonIsList", R"({"type":"failed","reason":[]})",
         of("failed", "'reason' must be a string")},
        {"SupervisorsWord", R"({"type":"activate"})", "unknown message type 'activate'"},
    }),
    name_of);

std::string listeners(const std::string& version, const std::string& generation,
                      const std::string& names) {
  return R"({"type":"listeners","capabilities":[],"version":)" + version + R"(,"generation":)" +
         generation + R"(,"names":)" + names + "}";
}

const std::string backlog_words = "'backlog' must be \"leave\" or \"serve\"";

INSTANTIATE_TEST_SUITE_P(
    Supervisor, BadFromSupervisor,
    testing::ValuesIn(std::vector<Bad>{
        {"ListenersOfNothing", R"({"type":"listeners"})", of("listeners", "'version' is missing")},
        {"ListenersWithoutCapabilities",
         R"({"type":"listeners","version":1,"generation":1,"names":[]})",
         of("listeners", "'capabilities' is missing")},
        {"ListenersWithoutGeneration",
         R"({"type":"listeners","version":1,"capabilities":[],"names":[]})",
         of("listeners", "'generation' is missing")},
        {"ListenersWithoutNames",
         R"({"type":"listeners","version":1,"capabilities":[],"generation":1})",
         of("listeners", "'names' is missing")},
        {"VersionIsTooLarge", listeners("2147483648", "1", "[]"),
         of("listeners", "'version' must be a whole number in range")},
        {"GenerationIsNegative", listeners("1", "-1", "[]"),
         of("listeners", "'generation' must be a whole number in range")},
        {"GenerationIsTooLarge", listeners("1", "18446744073709551616", "[]"),
         of("listeners", "'generation' must be a whole number in range")},
        {"NameIsNumber", listeners("1", "1", "[1]"),
         of("listeners", "'names' must be a list of strings")},
        {"DrainWithoutTimeout", R"({"type":"drain","backlog":"leave"})",
         of("drain", "'timeout_ms' is missing")},
        {"DrainWithoutBacklog", R"({"type":"drain","timeout_ms":1})",
         of("drain", "'backlog' is missing")},
        {"TimeoutIsTooLarge", R"({"type":"drain","timeout_ms":4294967296,"backlog":"leave"})",
         of("drain", "'timeout_ms' must be a whole number in range")},
        {"TimeoutIsNegative", R"({"type":"drain","timeout_ms":-1,"backlog":"leave"})",
         of("drain", "'timeout_ms' must be a whole number in range")},
        {"BacklogUnknown", R"({"type":"drain","timeout_ms":1,"backlog":"drop"})",
         of("drain", backlog_words)},
        {"BacklogIsBool", R"({"type":"drain","timeout_ms":1,"backlog":true})",
         of("drain", "'backlog' must be a string")},
        {"LaneIsNegative", R"({"type":"activate","lanes":[-1]})",
         of("activate", "'lanes' must be a list of whole numbers")},
        {"LaneIsUnknown", R"({"type":"activate","lanes":[2]})",
         of("activate", "'lanes' must hold nothing but 0 and 1")},
        {"LanesAreNoList", R"({"type":"activate","lanes":0})",
         of("activate", "'lanes' must be a list of whole numbers")},
        {"LanesOfFewerThanAll", listeners("1", "1", R"(["web","web"],"lanes":[0])"),
         of("listeners", "'lanes' must have a number for each of the names")},
        {"ProbeIsNumber", listeners("1", "1", R"([],"probe":1)"),
         of("listeners", "'probe' must be true or false")},
        {"WorkersWord", R"({"type":"ready"})", "unknown message type 'ready'"},
    }),
    name_of);

}  // namespace
}  // namespace baton::protocol
