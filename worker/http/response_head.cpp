#include "worker/http/response_head.hpp"

#include <charconv>

namespace baton::http {
namespace {

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

void append_status_line(std::string& out, unsigned status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, status);
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

}  // namespace

std::string_view DateText::now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  if (time.tv_sec != second_) {
    second_ = time.tv_sec;
    std::tm broken_down{};
    ::gmtime_r(&second_, &broken_down);
    std::strftime(text_, sizeof(text_), "%a, %d %b %Y %H:%M:%S GMT", &broken_down);
  }
  return text_;
}

bool may_have_body(unsigned status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& out, const Response& response, Persistence persistence,
                 std::string_view date, std::string_view extra_lines) {
  append_status_line(out, response.status);
  out.append("Date: ").append(date).append("\r\n");
  if (!response.content_type.empty()) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  if (may_have_body(response.status)) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  if (persistence == Persistence::close) out.append("Connection: close\r\n");
  if (persistence == Persistence::keep_alive_told) out.append("Connection: keep-alive\r\n");
  out.append(extra_lines).append(response.header_lines()).append("\r\n");
}

}  // namespace baton::http
