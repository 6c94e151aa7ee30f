// What is said about a document that is wrong. The texts reach operators, so they are asserted.
#include "common/admin/api_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton::admin {
namespace {

std::string nested(int depth) {
  std::string text;
  for (int i = 1; i < depth; ++i)
    text += R"({"a":)";
  return text + "{}" + std::string(static_cast<std::size_t>(depth - 1), '}');
}

std::string complaint_about_text(const std::string& text) {
  Json json;
  const auto parsed = parse_document(text, json);
  if (parsed) return "(none)";
  EXPECT_EQ(parsed.error().code, Errc::invalid_input);
  return parsed.error().message;
}

template <class Value>
std::string complaint(const Json& json) {
  const auto value = decode<Value>(json);
  if (value) return "(none)";
  EXPECT_EQ(value.error().code, Errc::invalid_input);
  return value.error().message;
}

TEST(BadDocument, TextThatIsNoDocument) {
  struct Row {
    std::string text;
    std::string message;
  };
  const std::string no_object = "the text is not a JSON object";
  const std::vector<Row> rows{
      {"", no_object},
      {"null", no_object},
      {"[1]", no_object},
      {"\"text\"", no_object},
      {"{", no_object},
      {"{} {}", no_object},
      {"{'a':1}", no_object},
      {"{\"a\":\"\xff\"}", no_object},
      {std::string("{}\0{", 4), no_object},
      {nested(17), "(none)"},
      {nested(18), "the JSON is nested too deeply"},
      {std::string(60'000, '['), "the JSON is nested too deeply"},
      {R"({"schema":1})", "(none)"},
      {R"({"schema":2})", "the document's schema is 2, this side's 1"},
      {R"({"schema":"1"})", "the document's schema is \"1\", this side's 1"},
      {R"({"schema":null})", "the document's schema is null, this side's 1"},
      {R"({"schema":"a text that is much longer than a number"})",
       "the document's schema is \"a text that is much longer than, this side's 1"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(complaint_about_text(row.text), row.message) << row.text.substr(0, 80);
}

TEST(BadDocument, OperationNamesTheKeyThatIsWrong) {
  struct Row {
    const char* text;
    const char* message;
  };
  const std::vector<Row> rows{
      {R"([])", "the document must be an object"},
      {R"({"service":"items"})", "'verb' is missing"},
      {R"({"verb":1,"service":"items"})", "'verb' must be a string"},
      {R"({"verb":"launch","service":"items"})",
       "'verb' is none of deploy, rollback, promote, pause, resume, abort, start, stop, "
       "restart, scale"},
      {R"({"verb":"Deploy","service":"items"})",
       "'verb' is none of deploy, rollback, promote, pause, resume, abort, start, stop, "
       "restart, scale"},
      {R"({"verb":"deploy"})", "'service' is missing"},
      {R"({"verb":"deploy","service":null})", "'service' must be a string"},
      {R"({"verb":"deploy","service":"items","release":7})", "'release' must be a string"},
      {R"({"verb":"deploy","service":"items","message":[]})", "'message' must be a string"},
      {R"({"verb":"rollback","service":"items","generation":-1})",
       "'generation' is out of range: -1"},
      {R"({"verb":"abort","service":"items","target":4})", "'target' must be a string"},
      {R"({"verb":"deploy","service":"items","ignore_memory":1})",
       "'ignore_memory' must be true or false"},
      {R"({"verb":"scale","service":"items","workers":"3"})", "'workers' must be a whole number"},
      {R"({"verb":"scale","service":"items","workers":1.5})", "'workers' must be a whole number"},
      {R"({"verb":"scale","service":"items","workers":true})", "'workers' must be a whole number"},
      {R"({"verb":"scale","service":"items","workers":-1})", "'workers' is out of range: -1"},
      {R"({"verb":"scale","service":"items","workers":4294967296})",
       "'workers' is out of range: 4294967296"},
      {R"({"verb":"scale","service":"items","workers":99999999999999999999})",
       "'workers' must be a whole number"},
      {R"({"verb":"deploy","service":"items","relase":"/srv/r8"})",
       "'relase' is not a key of an operation"},
      {R"({"verb":"deploy","service":"items","a_key_that_is_longer_than_anybody_would_write":1})",
       "'a_key_that_is_longer_than_anybod' is not a key of an operation"},
      {R"({"schema":1,"verb":"deploy","service":"items"})", "(none)"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(complaint<Operation>(Json::parse(row.text)), row.message) << row.text;
}

TEST(BadDocument, ErrorsInsideAStatusSayWhere) {
  const Json good = Status{
      "0.1.0", 1, 0, {ServiceStatus{"items", "running", "idle", {"web"}, {GenerationStatus{}}}}};
  ASSERT_EQ(complaint<Status>(good), "(none)");
  struct Row {
    const char* pointer;
    Json value;
    const char* message;
  };
  const std::vector<Row> rows{
      {"/version", 1, "'version' must be a string"},
      {"/pid", 4'294'967'296, "'pid' is out of range: 4294967296"},
      {"/uptime_ms", 9'223'372'036'854'775'808u,
       "'uptime_ms' is out of range: 9223372036854775808"},
      {"/services", Json::object(), "'services' must be an array"},
      {"/services/0", "items", "'services[0]' must be an object"},
      {"/services/0/name", nullptr, "'services[0].name' must be a string"},
      {"/services/0/listeners/0", 8080, "'services[0].listeners[0]' must be a string"},
      {"/services/0/generations/0/crash_looping", 0,
       "'services[0].generations[0].crash_looping' must be true or false"},
      {"/services/0/generations/0/workers", Json::array({Json::object()}),
       "'services[0].generations[0].workers[0].pid' is missing"},
  };
  for (const Row& row : rows) {
    Json bad = good;
    bad[Json::json_pointer(row.pointer)] = row.value;
    EXPECT_EQ(complaint<Status>(bad), row.message);
  }
}

TEST(BadDocument, EveryMissingKeyIsNamed) {
  const auto check = [](const Json& good, auto decoder) {
    for (const auto& [key, unused] : good.items()) {
      Json bad = good;
      bad.erase(key);
      EXPECT_EQ(decoder(bad), "'" + key + "' is missing");
    }
  };
  check(Status{}, complaint<Status>);
  check(Event{}, complaint<Event>);
  check(LogLine{}, complaint<LogLine>);
  check(Answer{}, complaint<Answer>);
}

}  // namespace
}  // namespace baton::admin
