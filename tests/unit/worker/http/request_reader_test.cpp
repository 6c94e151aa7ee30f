#include "worker/http/request_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace baton::http {
namespace {

using State = RequestReader::State;

// Feeds `bytes`, at most `piece` at a time, until the reader wants no more.
State feed(RequestReader& reader, Request& request, std::string_view bytes,
           std::size_t piece = 1 << 20) {
  State state = State::header;
  while (!bytes.empty() && (state == State::header || state == State::body)) {
    const auto space = reader.space();
    const std::size_t count = std::min({bytes.size(), space.size(), piece});
    EXPECT_GT(count, 0u);
    std::copy_n(bytes.begin(), count, space.begin());
    bytes.remove_prefix(count);
    state = reader.received(count, request);
  }
  return state;
}

struct Refused {
  std::string name;
  std::string bytes;
  unsigned status;
  std::string message;  // a part of it
};

std::string case_name(const ::testing::TestParamInfo<Refused>& it) {
  return it.param.name;
}

class RefusedRequest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedRequest, IsRefusedWithStatusAndReasonHoweverItIsCut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    RequestReader reader({.header = 512, .body = 100});
    Request request;
    ASSERT_EQ(feed(reader, request, GetParam().bytes, piece), State::refused) << piece;
    EXPECT_EQ(reader.refusal().status, GetParam().status) << piece;
    EXPECT_NE(reader.refusal().message.find(GetParam().message), std::string_view::npos)
        << reader.refusal().message;
    EXPECT_FALSE(reader.keep_alive());
  }
}

// A request with these fields beside Host.
std::string post(const std::string& fields, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string x64(64, 'x');

INSTANTIATE_TEST_SUITE_P(
    RequestLine, RefusedRequest,
    ::testing::ValuesIn(std::vector<Refused>{
        {"NoMethod", " / HTTP/1.1\r\n\r\n", 400, "does not begin with a method"},
        {"TlsHello", "\x16\x03\x01\x02", 400, "does not begin with a method"},
        {"BadTarget", get("/\x01"), 400, "request target holds a character"},
        {"NoTarget", "GET  HTTP/1.1\r\n\r\n", 400, "request target holds a character"},
        {"NotAPath", get("index"), 400, "must be a path"},
        {"Connect", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "must be a path"},
        {"BrokenEscape", get("/%zz"), 400, "broken percent-escape"},
        {"CutEscape", get("/%4"), 400, "broken percent-escape"},
        {"NulInPath", get("/%00"), 400, "broken percent-escape"},
        {"OtherProtocol", "GET / FTP/1.1\r\n\r\n", 400, "does not end with an HTTP version"},
        {"NoVersion", "GET /index.html\r\n\r\n", 400, "request target holds a character"},
        {"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "the only versions"},
        {"Http09", "GET / HTTP/0.9\r\n\r\n", 505, "the only versions"},
        {"Http21AndMore", "GET / HTTP/2.1x\r\n\r\n", 505, "the only versions"},
        {"AfterVersion", "GET / HTTP/1.1x\r\n\r\n", 400, "HTTP version"},
        {"BareLineFeed", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, "HTTP version"},
        {"LongTarget", get(std::string("/").append(512, 'x')), 431, "header is over the limit"},
    }),
    case_name);

INSTANTIATE_TEST_SUITE_P(Fields, RefusedRequest,
                         ::testing::ValuesIn(std::vector<Refused>{
                             {"BareLineFeed", post("X: h\nY: h\r\n"), 400, "field's value"},
                             {"BlankBeforeColon", post("X : h\r\n"), 400, "field's name"},
                             {"NoColon", post("X\r\n"), 400, "field's name"},
                             {"ControlInValue", post("X: \x02\r\n"), 400, "field's value"},
                             {"Folded", post("X: h\r\n fold\r\n"), 400, "folded"},
                             {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400, "exactly one Host"},
                             {"TwoHosts", post("Host: h\r\n"), 400, "exactly one Host"},
                             {"LongField", post("X: " + std::string(512, 'x') + "\r\n"), 431,
                              "header is over the limit"},
                             {"LongTargetAndField",
                              "GET /" + std::string(300, 'x') + " HTTP/1.1\r\nHost: h\r\nX: " +
                                  std::string(300, 'x') + "\r\n\r\n",
                              431, "header is over the limit"},
                             {"OtherExpectation", post("Expect: cake\r\n"), 417, "100-continue"},
                         }),
                         case_name);

INSTANTIATE_TEST_SUITE_P(
    Body, RefusedRequest,
    ::testing::ValuesIn(std::vector<Refused>{
        {"BadLength", post("Content-Length: 1x\r\n"), 400, "Content-Length"},
        {"NegativeLength", post("Content-Length: -1\r\n"), 400, "Content-Length"},
        {"TwoLengths", post("Content-Length: 1\r\nContent-Length: 2\r\n"), 400, "Content-Length"},
        {"LengthAndChunked", post("Content-Length: 5\r\n" + chunked), 400, "Transfer-Encoding"},
        {"ChunkedAndLength", post(chunked + "Content-Length: 5\r\n"), 400, "Content-Length"},
        {"TwoEncodings", post(chunked + chunked), 400, "Transfer-Encoding"},
        {"OtherEncoding", post("Transfer-Encoding: gzip\r\n"), 501, "is chunked"},
        {"ChunkedNotLast", post("Transfer-Encoding: chunked, gzip\r\n"), 501, "is chunked"},
        {"EncodingInHttp10", "POST / HTTP/1.0\r\n" + chunked + "\r\n", 400, "HTTP/1.0 knows no"},
        {"BadChunkSize", post(chunked, "zz\r\n\r\n"), 400, "chunk"},
        {"BadChunkEnd", post(chunked, "1\r\nabcdef\r\n"), 400, "chunk"},
        {"HugeChunk", post(chunked, "ffffffffffffffff\r\n"), 413, "body is over the limit"},
        {"ManyChunks", post(chunked, "40\r\n" + x64 + "\r\n40\r\n" + x64 + "\r\n0\r\n\r\n"), 413,
         "body is over the limit"},
        {"LongBody", post("Content-Length: 101\r\n"), 413, "body is over the limit"},
        {"LongChunkExtension", post(chunked, "1;" + std::string(20'000, 'x')), 400,
         "chunk header or the trailers are too long"},
    }),
    case_name);

TEST(RequestReader, ReadsARequestHoweverItIsCut) {
  const std::string bytes =
      "\r\nPOST /a%20b/?x=1&y=%41+b HTTP/1.1\r\nHost: h\r\nX-One:  two words \t\r\n"
      "Content-Length: 5\r\n\r\nhello";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    RequestReader reader({});
    Request request;
    ASSERT_EQ(feed(reader, request, bytes, piece), State::complete) << piece;
    EXPECT_EQ(request.method, Method::post);
    EXPECT_EQ(request.method_name, "POST");
    EXPECT_EQ(request.target, "/a%20b/?x=1&y=%41+b");
    EXPECT_EQ(request.path, "/a b/");
    EXPECT_EQ(request.query, "x=1&y=%41+b");
    EXPECT_EQ(request.parameter("y"), "A b");
    EXPECT_EQ(request.header("x-ONE"), "two words");
    EXPECT_EQ(request.body, "hello");
    EXPECT_TRUE(reader.keep_alive());
    EXPECT_FALSE(reader.has_more());
  }
}

TEST(RequestReader, JoinsChunksAndDropsTrailers) {
  const std::string bytes =
      post(chunked, "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nConnection: close\r\nX: y\r\n\r\n");
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    RequestReader reader({});
    Request request;
    ASSERT_EQ(feed(reader, request, bytes, piece), State::complete) << piece;
    EXPECT_EQ(request.body, "hello world");
    EXPECT_EQ(request.headers.size(), 2u);
    EXPECT_TRUE(reader.keep_alive());
  }
}

TEST(RequestReader, TakesHeaderAndBodyUpToTheirLimits) {
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65536\r\nX: ";
  const std::string header = start + std::string(8192 - start.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(header.size(), 8192u);
  for (const std::size_t piece : {std::size_t{1000}, std::size_t{1} << 20}) {
    RequestReader reader({});
    Request request;
    EXPECT_EQ(feed(reader, request, header + std::string(65536, 'b'), piece), State::complete);
    EXPECT_EQ(request.body, std::string(65536, 'b'));
  }
}

TEST(RequestReader, KeepsPipelinedRequestsForLater) {
  RequestReader reader({});
  Request request;
  ASSERT_EQ(feed(reader, request, post("Content-Length: 2\r\n", "ab") + get("/2") + "GET"),
            State::complete);
  EXPECT_EQ(request.path, "/");
  EXPECT_EQ(request.body, "ab");
  EXPECT_TRUE(reader.has_more());
  request.clear();
  ASSERT_EQ(reader.next(request), State::complete);
  EXPECT_EQ(request.path, "/2");
  EXPECT_EQ(request.body, "");
  request.clear();
  EXPECT_EQ(reader.next(request), State::header);
  EXPECT_FALSE(reader.idle());
  ASSERT_EQ(feed(reader, request, " /3 HTTP/1.1\r\nHost: h\r\n\r\n"), State::complete);
  EXPECT_EQ(request.path, "/3");
  request.clear();
  EXPECT_EQ(reader.next(request), State::header);
  EXPECT_TRUE(reader.idle());
}

TEST(RequestReader, KnowsWhatVersionAndConnectionFieldSayAboutTheNextRequest) {
  struct Case {
    std::string head;
    bool keep_alive;
  };
  const std::vector<Case> table = {
      {"GET / HTTP/1.1\r\nHost: h\r\n", true},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n", false},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n", false},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n", true},
      {"GET / HTTP/1.0\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n", true},
  };
  for (const auto& [head, keep_alive] : table) {
    RequestReader reader({});
    Request request;
    ASSERT_EQ(feed(reader, request, head + "\r\n"), State::complete) << head;
    EXPECT_EQ(reader.keep_alive(), keep_alive) << head;
  }
}

TEST(RequestReader, ExpectsContinueOnlyUntilTheBodyComes) {
  RequestReader reader({});
  Request request;
  EXPECT_EQ(feed(reader, request, post("Content-Length: 3\r\nExpect: 100-Continue\r\n")),
            State::body);
  EXPECT_TRUE(reader.expects_continue());
  EXPECT_EQ(feed(reader, request, "a"), State::body);
  EXPECT_FALSE(reader.expects_continue());
}

TEST(RequestReader, TakesAbsoluteAndAsteriskTargets) {
  const std::vector<std::pair<std::string, std::string>> table = {{"GET http://h:80/x?q", "/x"},
                                                                  {"GET HTTPS://h", "/"},
                                                                  {"GET http://h?q", "/"},
                                                                  {"OPTIONS *", "*"}};
  for (const auto& [target, path] : table) {
    RequestReader reader({});
    Request request;
    ASSERT_EQ(feed(reader, request, target + " HTTP/1.1\r\nHost: h\r\n\r\n"), State::complete);
    EXPECT_EQ(request.path, path);
  }
}

}  // namespace
}  // namespace baton::http
