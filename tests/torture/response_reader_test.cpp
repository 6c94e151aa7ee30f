#include "tests/torture/response_reader.hpp"

#include <gtest/gtest.h>

namespace baton::torture {
namespace {

using State = ResponseReader::State;

TEST(ResponseReader, ReadsAWholeResponseByteByByte) {
  const std::string bytes = "HTTP/1.1 201 Created\r\nX-Worker: 3.4\r\nContent-Length: 2\r\n\r\nok";
  ResponseReader reader;
  for (const char byte : bytes.substr(0, bytes.size() - 1)) {
    ASSERT_EQ(reader.feed({&byte, 1}), State::reading);
  }
  EXPECT_EQ(reader.feed("k"), State::complete);
  EXPECT_EQ(reader.response().status, 201);
  EXPECT_EQ(reader.response().field("x-worker"), "3.4");
  EXPECT_EQ(reader.response().body, "ok");
  EXPECT_FALSE(reader.response().closes());
}

TEST(ResponseReader, ReadsChunks) {
  ResponseReader reader;
  reader.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_EQ(reader.state(), State::reading);
  EXPECT_EQ(reader.feed("1\r\nd\r\n0\r\n\r\n"), State::complete);
  EXPECT_EQ(reader.response().body, "abcd");
}

TEST(ResponseReader, FindsCloseInAListInWhateverCase) {
  const std::pair<std::string, bool> cases[] = {
      {"Connection: close", true},
      {"Connection: keep-alive, CLOSE", true},
      {"Connection: upgrade\r\nConnection: close ,upgrade", true},
      {"Connection: keep-alive", false},
      {"Connection: closed", false},
      {"Connection:", false},
  };
  for (const auto& [fields, closes] : cases) {
    ResponseReader reader;
    ASSERT_EQ(reader.feed("HTTP/1.1 204 No Content\r\n" + fields + "\r\n\r\n"), State::complete);
    EXPECT_EQ(reader.response().closes(), closes) << fields;
  }
}

TEST(ResponseReader, TheEndOfTheStreamEndsOnlyABodyWithoutAnyOtherEnd) {
  ResponseReader endless;
  endless.feed("HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\nabc");
  EXPECT_EQ(endless.state(), State::reading);
  EXPECT_EQ(endless.end_of_stream(), State::complete);
  EXPECT_TRUE(endless.response().closes());

  ResponseReader cut;
  cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
  EXPECT_EQ(cut.end_of_stream(), State::reading);
  EXPECT_EQ(ResponseReader().end_of_stream(), State::waiting);
}

TEST(ResponseReader, KeepsWhatComesAfterTheResponse) {
  ResponseReader reader;
  reader.feed("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1");
  EXPECT_EQ(reader.state(), State::complete);
  EXPECT_EQ(reader.rest(), "HTTP/1.1");
}

TEST(ResponseReader, NamesWhatIsBroken) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::pair<std::string, std::string> cases[] = {
      {"+OK\r\n", "not an HTTP/1.1 status line"},
      {"HTTP/1.0 200 OK\r\n\r\n", "not an HTTP/1.1 status line"},
      {"HTTP/1.1 2x0 OK\r\n\r\n", "not an HTTP/1.1 status line"},
      {ok + "no colon\r\n\r\n", "a header line without a name"},
      {ok + "Content-Length: -1\r\n\r\n", "a Content-Length that is no number"},
      {ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "both Transfer-Encoding and Content-Length"},
      {ok + "Transfer-Encoding: chunked\r\n\r\nz\r\n", "a chunk size that is no number"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc", "a chunk without an end"},
      {std::string("HTTP/1.1 200 OK\r\nX: ") + std::string(70'000, 'x'), "a header over 64 KiB"},
  };
  for (const auto& [bytes, reason] : cases) {
    ResponseReader reader;
    EXPECT_EQ(reader.feed(bytes), State::broken) << bytes.substr(0, 60);
    EXPECT_EQ(reader.reason(), reason) << bytes.substr(0, 60);
  }
}

}  // namespace
}  // namespace baton::torture
