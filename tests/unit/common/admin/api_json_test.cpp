// The JSON form of each value is a contract with scripts, so it is written out here in full: a
// member that is renamed, or that one direction forgets, does not get past these texts.
#include "common/admin/api_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton::admin {
namespace {

template <class Value>
Value read_back(const std::string& text) {
  Json json;
  const auto parsed = parse_document(text, json);
  EXPECT_TRUE(parsed) << parsed.error().message;
  const auto value = decode<Value>(json);
  EXPECT_TRUE(value) << value.error().message;
  return value ? *value : Value{};
}

constexpr const char* status_text =
    R"({"pid":4711,"services":[{"deploy":"canary","deploy_age_ms":61000,)"
    R"("deploy_by":"alice","deploy_id":"items-8","generations":[{"age_ms":90000,)"
    R"("crash_looping":true,"number":7,"release":"/srv/items/r7","restarting":1,"role":"standby",)"
    R"("standby_ms":5000,"wanted_workers":2,"weight":95,"workers":[{"connections":12,)"
    R"("counted":true,"deadline_ms":-1,"errors":2,"in_flight":3,"phase":"draining","pid":4712,)"
    R"("requests":18446744073709551615,"uptime_ms":89000}]}],"listeners":["web 0.0.0.0:8080"],)"
    R"("name":"items","paused":true,"phase_left_ms":29000,"state":"deploying"}],)"
    R"("uptime_ms":100000,"version":"0.1.0"})";

Status full_status() {
  const WorkerStatus worker{4712, "draining", 89'000, -1, true, 12, 3, 18'446'744'073'709'551'615u,
                            2};
  const GenerationStatus generation{7, "standby", "/srv/items/r7", 90'000, 2,
                                    1, true,      {worker},        95,     5'000};
  const ServiceStatus service{"items",      "deploying", "canary", {"web 0.0.0.0:8080"},
                              {generation}, "items-8",   "alice",  61'000,
                              29'000,       true};
  return {"0.1.0", 4711, 100'000, {service}};
}

TEST(ApiJson, StatusHasItsKeysAndComesBack) {
  EXPECT_EQ(dump(full_status()), status_text);
  EXPECT_EQ(dump(read_back<Status>(status_text)), status_text);
}

TEST(ApiJson, EventHasItsKeysAndComesBack) {
  constexpr const char* text =
      R"({"deploy":"items-4","generation":4,"kind":"cut_over","level":"info","pid":4712,)"
      R"("sequence":17,"service":"items","text":"generation 4 accepts","time_ms":1764000000123})";
  const Event event{17,        1'764'000'000'123,     "info", "cut_over", "items", 4, 4712,
                    "items-4", "generation 4 accepts"};
  EXPECT_EQ(dump(event), text);
  EXPECT_EQ(dump(read_back<Event>(text)), text);
}

TEST(ApiJson, LogLineHasItsKeysAndComesBack) {
  constexpr const char* text =
      R"({"generation":4,"pid":4712,"sequence":3,"service":"items","stream":"err",)"
      R"("text":"grüezi \"you\"","time_ms":-1})";
  const LogLine line{3, -1, "items", 4, 4712, "err", "grüezi \"you\""};
  EXPECT_EQ(dump(line), text);
  EXPECT_EQ(dump(read_back<LogLine>(text)), text);
}

TEST(ApiJson, AnswerHasItsKeysAndComesBack) {
  constexpr const char* text =
      R"({"deploy":"items-4","generation":3,"outcome":"failed_old_serving","reason":"no"})";
  EXPECT_EQ(dump(Answer{"failed_old_serving", "no", "items-4", 3}), text);
  EXPECT_EQ(dump(read_back<Answer>(text)), text);
}

TEST(ApiJson, OperationComesBackForEveryVerb) {
  for (const std::string verb : {"deploy", "rollback", "promote", "pause", "resume", "abort",
                                 "start", "stop", "restart", "scale"}) {
    const std::string text = R"({"generation":7,"ignore_memory":true,"message":"why",)"
                             R"("release":"/srv/r8","service":"items","target":"items-8",)"
                             R"("verb":")" +
                             verb + R"(","workers":3})";
    EXPECT_EQ(dump(read_back<Operation>(text)), text);
  }
}

TEST(ApiJson, OperationNeedsOnlyItsVerbAndService) {
  const auto operation = read_back<Operation>(R"({"verb":"stop","service":"items"})");
  EXPECT_EQ(operation.verb, Verb::stop);
  EXPECT_EQ(operation.service, "items");
  EXPECT_EQ(operation.release, "");
  EXPECT_EQ(operation.message, "");
  EXPECT_EQ(operation.workers, 0u);
}

TEST(ApiJson, DeployRecordHasItsKeysAndComesBack) {
  constexpr const char* text =
      R"({"account":{"cut_off":1,"finished":7,"handed_over":64,"kernel":{"ListenDrops":3}},)"
      R"("by":"SIGHUP","digest":"sha256:00","finished_ms":2,"generation":4,"id":"items-4",)"
      R"("kind":"deploy","message":"why","outcome":"degraded",)"
      R"("phases":[{"phase":"starting","time_ms":1}],"reason":"because","release":"/srv/r4",)"
      R"("service":"items","started_ms":1})";
  EXPECT_EQ(dump(read_back<DeployRecord>(text)), text);
}

TEST(ApiJson, DryRunHasItsKeysAndComesBack) {
  constexpr const char* text =
      R"({"problems":["busy"],"release":"/srv/r4","service":"items","steps":["start"]})";
  EXPECT_EQ(dump(read_back<DryRun>(text)), text);
}

TEST(ApiJson, UnknownKeysOfAnAnswerAreIgnored) {
  const auto answer = read_back<Answer>(
      R"({"outcome":"done","reason":"","deploy":"","generation":1,"lost_requests":0})");
  EXPECT_EQ(answer.outcome, "done");
}

TEST(ApiJson, DocumentBearsTheSchema) {
  EXPECT_EQ(dump(document({{"pong", true}})), R"({"pong":true,"schema":1})");
}

TEST(ApiJson, BytesThatAreNotUtf8AreReplacedAndNothingBreaksTheLine) {
  EXPECT_EQ(dump(Json{{"text", "a\xff\xfe\nb"}}), "{\"text\":\"a\uFFFD\uFFFD\\nb\"}");
}

}  // namespace
}  // namespace baton::admin
