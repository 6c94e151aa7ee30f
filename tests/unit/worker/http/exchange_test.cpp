#include "worker/http/exchange.hpp"

#include "worker/http/percent.hpp"
#include "worker/http/response_head.hpp"

#include <gtest/gtest.h>

namespace baton::http {
namespace {

TEST(Request, FindsParametersDecoded) {
  Request request;
  request.query = "page=2&name=a%2Bb+c&empty=&flag&bad=%4&page=3";
  EXPECT_EQ(request.parameter("page"), "2");
  EXPECT_EQ(request.parameter("name"), "a+b c");
  EXPECT_EQ(request.parameter("empty"), "");
  EXPECT_EQ(request.parameter("flag"), "");
  EXPECT_EQ(request.parameter("bad"), "%4");
  EXPECT_EQ(request.parameter("absent"), std::nullopt);
  EXPECT_EQ(Request{}.parameter("page"), std::nullopt);
}

TEST(Response, LeavesOutFieldsThatWouldSplitTheHeader) {
  Response response;
  response.add_header("X-Good", "1");
  response.add_header("X-Bad", "1\r\nX-Evil: 2");
  response.add_header("X-Bad\n", "1");
  EXPECT_EQ(response.header_lines(), "X-Good: 1\r\n");
  response.clear();
  EXPECT_EQ(response.header_lines(), "");
}

TEST(Response, ErrorsAreJsonWhateverTheMessageHolds) {
  Response response;
  response.body = "half a page";
  answer_error(response, 404, "nothing at \"\xff\n\"");
  EXPECT_EQ(response.status, 404u);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            "{\"error\":{\"status\":404,\"code\":\"not_found\",\"message\":\"nothing at "
            "\\\"\xef\xbf\xbd\\n\\\"\"}}\n");
}

TEST(ResponseHead, SaysWhatTheEngineKnows) {
  Response response;
  response.content_type = "text/plain";
  response.body = "12345";
  response.add_header("X-One", "1");
  std::string head;
  append_head(head, response, Persistence::close, "DATE", "X-Worker: 3.4\r\n");
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
            "Connection: close\r\nX-Worker: 3.4\r\nX-One: 1\r\n\r\n");
}

TEST(ResponseHead, LeavesOutTheLengthOfWhatHasNoBody) {
  Response response;
  response.status = 204;
  response.body = "dropped";
  std::string head;
  append_head(head, response, Persistence::keep_alive_told, "DATE", "");
  EXPECT_EQ(head, "HTTP/1.1 204 No Content\r\nDate: DATE\r\nConnection: keep-alive\r\n\r\n");
}

TEST(DateText, HasTheFormOfHttp) {
  DateText date;
  const std::string_view text = date.now();
  EXPECT_EQ(text.size(), std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
  EXPECT_TRUE(text.ends_with(" GMT"));
}

TEST(PercentDecode, RefusesWhatIsNoCharacter) {
  std::string out;
  EXPECT_TRUE(percent_decode("a%2fb%C3%A4", out));
  EXPECT_EQ(out, "a/b\xc3\xa4");
  for (const char* bad : {"%", "%a", "%g0", "%0a", "%7f"}) {
    EXPECT_FALSE(percent_decode(bad, out)) << bad;
  }
}

}  // namespace
}  // namespace baton::http
