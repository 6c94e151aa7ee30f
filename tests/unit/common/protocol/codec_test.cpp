// Each message as it stands on the wire, and back. docs/protocol.md shows the same lines.
#include "common/protocol/codec.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace baton::protocol {
namespace {

constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

template <class Message>
struct OnTheWire {
  std::string name;
  Message message;
  std::string bytes;
};

class SaidByWorker : public testing::TestWithParam<OnTheWire<FromWorker>> {};
class SaidBySupervisor : public testing::TestWithParam<OnTheWire<FromSupervisor>> {};

constexpr auto name_of = [](const auto& it) { return it.param.name; };

TEST_P(SaidByWorker, HasItsFormAndSurvivesTheWayBack) {
  EXPECT_EQ(encode(GetParam().message), GetParam().bytes);
  EXPECT_EQ(decode_from_worker(GetParam().bytes).value(), GetParam().message);
}

TEST_P(SaidBySupervisor, HasItsFormAndSurvivesTheWayBack) {
  EXPECT_EQ(encode(GetParam().message), GetParam().bytes);
  EXPECT_EQ(decode_from_supervisor(GetParam().bytes).value(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Messages, SaidByWorker,
    testing::ValuesIn(std::vector<OnTheWire<FromWorker>>{
        {"Hello", Hello{.versions = {1, 2}, .capabilities = {"handover"}, .pid = 4242},
         R"({"capabilities":["handover"],"pid":4242,"type":"hello","versions":[1,2]})"},
        {"HelloOfNothing", Hello{}, R"({"capabilities":[],"pid":0,"type":"hello","versions":[]})"},
        {"Ready", Ready{}, R"({"type":"ready"})"},
        {"Accepting", Accepting{}, R"({"type":"accepting"})"},
        {"Progress", Progress{.connections = 3, .in_flight = 1, .requests = largest, .errors = 2},
         R"({"connections":3,"errors":2,"in_flight":1,"requests":18446744073709551615,)"
         R"("type":"progress"})"},
        {"Drained", Drained{.finished = 17, .cut_off = 2, .handed_over = 64},
         R"({"cut_off":2,"finished":17,"handed_over":64,"type":"drained"})"},
        {"Failed", Failed{.reason = "cannot open \"items.db\":\n\xC3\xA4"},
         R"({"reason":"cannot open \"items.db\":\nä","type":"failed"})"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Messages, SaidBySupervisor,
    testing::ValuesIn(std::vector<OnTheWire<FromSupervisor>>{
        {"Listeners",
         Listeners{.version = 1, .capabilities = {}, .generation = 7, .names = {"web", "admin"}},
         R"({"capabilities":[],"generation":7,"names":["web","admin"],"type":"listeners",)"
         R"("version":1})"},
        {"ListenersWithLanes",
         Listeners{.version = 1,
                   .capabilities = {},
                   .generation = 7,
                   .names = {"web", "web"},
                   .lanes = {0, 1},
                   .probe = true},
         R"({"capabilities":[],"generation":7,"lanes":[0,1],"names":["web","web"],"probe":true,)"
         R"("type":"listeners","version":1})"},
        {"Activate", Activate{}, R"({"type":"activate"})"},
        {"ActivateOneLane", Activate{{1}}, R"({"lanes":[1],"type":"activate"})"},
        {"Drain", Drain{.timeout = std::chrono::seconds{10}, .backlog = Backlog::leave},
         R"({"backlog":"leave","timeout_ms":10000,"type":"drain"})"},
        {"DrainAndServe", Drain{.timeout = std::chrono::milliseconds{0}, .backlog = Backlog::serve},
         R"({"backlog":"serve","timeout_ms":0,"type":"drain"})"},
        {"HandOver", HandOver{}, R"({"type":"hand_over"})"},
        {"Adopt", Adopt{}, R"({"type":"adopt"})"},
        {"Stop", Stop{}, R"({"type":"stop"})"},
        {"Ping", Ping{}, R"({"type":"ping"})"},
    }),
    name_of);

TEST(Codec, KeysOfANewerPeerAreIgnored) {
  EXPECT_EQ(decode_from_worker(R"({"type":"ready","later":{"than":[1]}})").value(),
            FromWorker(Ready{}));
  EXPECT_EQ(decode_from_supervisor(R"({"type":"ping","id":7})").value(), FromSupervisor(Ping{}));
}

TEST(Codec, WhiteSpaceAndTheOrderOfKeysMeanNothing) {
  EXPECT_EQ(
      decode_from_worker(" { \"finished\" : 1 ,\n\"cut_off\":0, \"type\":\"drained\" }").value(),
      FromWorker(Drained{.finished = 1, .cut_off = 0}));
}

TEST(Codec, WhatAnOlderWorkerDoesNotCountIsNothing) {
  EXPECT_EQ(decode_from_worker(R"({"type":"progress","connections":3,"in_flight":1,"requests":9})")
                .value(),
            FromWorker(Progress{.connections = 3, .in_flight = 1, .requests = 9}));
}

// A worker's words may be any bytes; what goes out is JSON all the same.
TEST(Codec, BytesThatAreNotUtf8AreReplaced) {
  const std::string bytes = encode(Failed{.reason = "bad \xff byte"});
  EXPECT_EQ(decode_from_worker(bytes).value(),
            FromWorker(Failed{.reason = "bad \xEF\xBF\xBD byte"}));
}

TEST(Negotiate, TakesTheVersionThatBothSpeak) {
  EXPECT_EQ(negotiate(Hello{.versions = {version}, .capabilities = {}, .pid = 1}).value(), version);
  EXPECT_EQ(negotiate(Hello{.versions = {7, version, 9}, .capabilities = {}, .pid = 1}).value(),
            version);
}

TEST(Negotiate, RefusesAWorkerWithoutACommonVersionAndSaysWhatEachSpeaks) {
  const auto refusal = [](std::vector<int> versions) {
    return negotiate(Hello{.versions = std::move(versions), .capabilities = {}, .pid = 1})
        .error()
        .message;
  };
  EXPECT_EQ(refusal({}), "the worker speaks protocol version none, the supervisor 1");
  EXPECT_EQ(refusal({2, 3}), "the worker speaks protocol version 2, 3, the supervisor 1");
  EXPECT_EQ(refusal({reserved_version}),
            "the worker speaks protocol version 999, the supervisor 1");
  EXPECT_LT(refusal(std::vector<int>(10'000, 5)).size(), 200U);
}

}  // namespace
}  // namespace baton::protocol
