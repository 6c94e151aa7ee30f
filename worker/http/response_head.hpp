// The bytes of a response before its body. Pure, but for the clock behind Date.
#pragma once

#include "worker/http/exchange.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace baton::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), put together once a second. One a thread.
class DateText {
 public:
  std::string_view now();

 private:
  std::time_t second_ = -1;
  char text_[32] = {};
};

enum class Persistence {
  keep_alive,       // HTTP/1.1's own way: nothing is said
  keep_alive_told,  // to an HTTP/1.0 client
  close,
};

// 204 and 304 have no body, whatever the handler has put there (RFC 9112, 6.3).
bool may_have_body(unsigned status);

// Appends status line and fields to `out`. `extra_lines` are fields of the server's own, each with
// its CRLF.
void append_head(std::string& out, const Response& response, Persistence persistence,
                 std::string_view date, std::string_view extra_lines);

}  // namespace baton::http
