#include "tests/torture/response_reader.hpp"

#include <algorithm>
#include <charconv>

namespace baton::torture {
namespace {

constexpr std::size_t max_head_bytes = 64 * 1024;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

// Whether `token` is in the list, in whatever case (RFC 9110, 5.6.1).
bool lists(std::string_view list, std::string_view token) {
  for (;;) {
    const auto comma = list.find(',');
    if (lower(trim(list.substr(0, comma))) == token) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

std::optional<std::string_view> Response::field(std::string_view name) const {
  for (const auto& [field_name, value] : fields) {
    if (field_name == name) return value;
  }
  return std::nullopt;
}

bool Response::closes() const {
  for (const auto& [name, value] : fields) {
    if (name == "connection" && lists(value, "close")) return true;
  }
  return false;
}

ResponseReader::State ResponseReader::feed(std::string_view bytes) {
  bytes_ += bytes;
  if (state_ == State::waiting && !bytes_.empty()) state_ = State::reading;
  if (state_ == State::reading && !head_done_) read_head();
  if (state_ == State::reading && head_done_) read_body();
  return state_;
}

ResponseReader::State ResponseReader::end_of_stream() {
  if (state_ == State::reading && head_done_ && framing_ == Framing::until_close) {
    state_ = State::complete;
  }
  return state_;
}

void ResponseReader::read_head() {
  const auto end = bytes_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (bytes_.size() > max_head_bytes) return fail("a header over 64 KiB");
    // Bytes that can't become a status line are not worth waiting for.
    const std::string_view start = "HTTP/1.1 ";
    const auto seen = std::string_view(bytes_).substr(0, start.size());
    if (!start.starts_with(seen)) fail("not an HTTP/1.1 status line");
    return;
  }
  std::string_view head = std::string_view(bytes_).substr(0, end + 2);
  bool first = true;
  while (!head.empty()) {
    const auto line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    if (first ? !read_status_line(line) : !read_field(line)) return;
    first = false;
    head.remove_prefix(line_end + 2);
  }
  bytes_.erase(0, end + 4);
  head_done_ = choose_framing();
}

bool ResponseReader::read_status_line(std::string_view line) {
  const std::string_view start = "HTTP/1.1 ";
  const auto code =
      line.starts_with(start) ? number(line.substr(start.size(), 3), 10) : std::nullopt;
  if (!code || *code < 100 || (line.size() > 12 && line[12] != ' ')) {
    fail("not an HTTP/1.1 status line");
    return false;
  }
  response_.status = static_cast<int>(*code);
  return true;
}

bool ResponseReader::read_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    fail("a header line without a name");
    return false;
  }
  response_.fields.emplace_back(lower(line.substr(0, colon)),
                                std::string(trim(line.substr(colon + 1))));
  return true;
}

bool ResponseReader::choose_framing() {
  const auto coding = response_.field("transfer-encoding");
  const auto length = response_.field("content-length");
  if (coding && length) {
    fail("both Transfer-Encoding and Content-Length");
  } else if (coding) {
    framing_ = Framing::chunked;
  } else if (length) {
    framing_ = Framing::length;
    const auto size = number(*length, 10);
    if (!size) fail("a Content-Length that is no number");
    length_ = size.value_or(0);
  } else if (response_.status == 204 || response_.status == 304) {
    framing_ = Framing::length;
  }
  return state_ == State::reading;
}

void ResponseReader::read_body() {
  switch (framing_) {
    case Framing::length:
      if (bytes_.size() >= length_) {
        take_body(length_);
        state_ = State::complete;
      }
      return;
    case Framing::chunked:
      return read_chunks();
    case Framing::until_close:
      return take_body(bytes_.size());
  }
}

// RFC 9112, 7.1. No server of ours sends trailers, so one is broken.
void ResponseReader::read_chunks() {
  for (;;) {
    const auto line_end = bytes_.find("\r\n");
    if (line_end == std::string::npos) return;
    const auto size = number(std::string_view(bytes_).substr(0, line_end), 16);
    if (!size) return fail("a chunk size that is no number");
    if (bytes_.size() < line_end + 2 + *size + 2) return;
    if (bytes_.compare(line_end + 2 + *size, 2, "\r\n") != 0) return fail("a chunk without an end");
    bytes_.erase(0, line_end + 2);
    take_body(*size);
    bytes_.erase(0, 2);
    if (*size == 0) {
      state_ = State::complete;
      return;
    }
  }
}

void ResponseReader::take_body(std::size_t size) {
  response_.body.append(bytes_, 0, size);
  bytes_.erase(0, size);
}

void ResponseReader::fail(std::string reason) {
  state_ = State::broken;
  reason_ = std::move(reason);
}

}  // namespace baton::torture
