// The form of what two workers say to each other, and what is said of a message that is wrong.
#include "common/protocol/handover.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton::protocol {
namespace {

using namespace std::chrono_literals;

TEST(HandoverCodec, ConnectionsHaveTheirFormAndSurviveTheWayBack) {
  const Connections message{{{.received = "GET /\xff", .requests = 12, .idle_left = 8s},
                             {.received = "", .requests = 0, .idle_left = 0ms}}};
  EXPECT_EQ(encode(message),
            R"({"connections":[{"idle_left_ms":8000,"received":"474554202fff","requests":12},)"
            R"({"idle_left_ms":0,"received":"","requests":0}],"type":"connections"})");
  EXPECT_EQ(decode_connections(encode(message)).value(), message);
  EXPECT_EQ(decode_connections(encode(Connections{})).value(), Connections{});
}

TEST(HandoverCodec, AnyBytesSurvive) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte)
    all += static_cast<char>(byte);
  const Connections message{{{.received = all, .requests = 1, .idle_left = 1ms}}};
  EXPECT_EQ(decode_connections(encode(message)).value(), message);
}

TEST(HandoverCodec, TakenHasItsFormAndSurvivesTheWayBack) {
  EXPECT_EQ(encode(Taken{250}), R"({"count":250,"type":"taken"})");
  EXPECT_EQ(decode_taken(encode(Taken{250})).value(), Taken{250});
}

TEST(HandoverCodec, SizeIsNeverUnderestimated) {
  for (const std::size_t bytes : {0u, 1u, 1000u}) {
    const HandedOver longest{.received = std::string(bytes, 'x'),
                             .requests = ~std::uint64_t{0},
                             .idle_left = std::chrono::milliseconds{~std::uint32_t{0}}};
    const std::size_t both = encode(Connections{{longest, longest}}).size();
    EXPECT_GE(encoded_size(longest), both - encode(Connections{{longest}}).size());
  }
}

struct Bad {
  std::string bytes;
  std::string reason;
};

TEST(HandoverCodec, BadConnectionsAreRefusedWithTheReason) {
  const std::vector<Bad> cases{
      {"", "a message is not a JSON object"},
      {R"({"type":"taken","count":1})", "a message of type 'taken' instead of 'connections'"},
      {R"({"connections":[]})", "a message of type '' instead of 'connections'"},
      {R"({"type":"connections"})",
       "in a message of type 'connections': 'connections' must be a list"},
      {R"({"type":"connections","connections":{}})",
       "in a message of type 'connections': 'connections' must be a list"},
      {R"({"type":"connections","connections":[7]})",
       "in a message of type 'connections': each of them must be an object"},
      {R"({"type":"connections","connections":[{"requests":1,"idle_left_ms":1}]})",
       "in a message of type 'connections': 'received' is missing"},
      {R"({"type":"connections","connections":[{"received":"0","requests":1,"idle_left_ms":1}]})",
       "in a message of type 'connections': 'received' must be pairs of hexadecimal digits"},
      {R"({"type":"connections","connections":[{"received":"0G","requests":1,"idle_left_ms":1}]})",
       "in a message of type 'connections': 'received' must be pairs of hexadecimal digits"},
      {R"({"type":"connections","connections":[{"received":"","requests":-1,"idle_left_ms":1}]})",
       "in a message of type 'connections': 'requests' must be a whole number in range"},
      {R"({"type":"connections","connections":[{"received":"","requests":1,"idle_left_ms":5e9}]})",
       "in a message of type 'connections': 'idle_left_ms' must be a whole number in range"},
  };
  for (const Bad& bad : cases) {
    const auto decoded = decode_connections(bad.bytes);
    ASSERT_TRUE(decoded.has_error()) << bad.bytes;
    EXPECT_EQ(decoded.error().message, bad.reason) << bad.bytes;
  }
}

TEST(HandoverCodec, BadTakenIsRefusedWithTheReason) {
  const std::vector<Bad> cases{
      {"[]", "a message is not a JSON object"},
      {R"({"type":"connections","connections":[]})",
       "a message of type 'connections' instead of 'taken'"},
      {R"({"type":"taken"})", "in a message of type 'taken': 'count' is missing"},
      {R"({"type":"taken","count":"1"})",
       "in a message of type 'taken': 'count' must be a whole number in range"},
  };
  for (const Bad& bad : cases) {
    const auto decoded = decode_taken(bad.bytes);
    ASSERT_TRUE(decoded.has_error()) << bad.bytes;
    EXPECT_EQ(decoded.error().message, bad.reason) << bad.bytes;
  }
}

}  // namespace
}  // namespace baton::protocol
