#include "worker/http/request_reader.hpp"

#include "worker/http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <memory>

namespace baton::http {
namespace {

// Room beside the header: for the body as it comes in, and for chunk headers.
constexpr std::size_t body_window = 8 * 1024;

std::string_view explain(const boost::beast::error_code& ec) {
  using boost::beast::http::error;
  if (ec == error::bad_method) return "the request does not begin with a method";
  if (ec == error::bad_target) return "the request target holds a character that is not allowed";
  if (ec == error::bad_version) return "the request line does not end with an HTTP version";
  if (ec == error::bad_field) return "a header field's name is malformed";
  if (ec == error::bad_value) return "a header field's value is malformed";
  if (ec == error::bad_line_ending) return "a line does not end with CRLF";
  if (ec == error::bad_content_length) return "Content-Length is malformed or contradicted";
  if (ec == error::multiple_content_length) return "there are several Content-Length fields";
  if (ec == error::bad_transfer_encoding) return "Transfer-Encoding is malformed or contradicted";
  if (ec == error::bad_chunk || ec == error::bad_chunk_extension) return "a chunk is malformed";
  return "the request is malformed";
}

}  // namespace

RequestReader::RequestReader(ReadLimits limits)
    : limits_(limits),
      buffer_(limits.header + body_window),
      parser_(std::make_unique<RequestParser>(buffer_, decoded_path_, collected_body_)) {
  clear();
}

RequestReader::~RequestReader() = default;

void RequestReader::clear() {
  begin_ = end_ = header_size_ = 0;
  state_ = State::header;
  collected_body_.clear();
  // A parser of Beast's serves one message only; this renews it without touching the heap.
  std::destroy_at(parser_.get());
  std::construct_at(parser_.get(), buffer_, decoded_path_, collected_body_);
  parser_->body_limit(limits_.body);
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header));
}

std::span<char> RequestReader::space() {
  return std::span(buffer_).subspan(end_);
}

RequestReader::State RequestReader::received(std::size_t count, Request& request) {
  end_ += count;
  return state_ = parse(request);
}

void RequestReader::preload(std::string_view bytes) {
  end_ = std::min(bytes.size(), buffer_.size());
  std::copy_n(bytes.begin(), end_, buffer_.begin());
}

RequestReader::State RequestReader::next(Request& request) {
  move_unparsed_to(0);
  const std::size_t left = end_;
  clear();
  end_ = left;
  return state_ = left > 0 ? parse(request) : State::header;
}

bool RequestReader::expects_continue() const {
  return state_ == State::body && parser_->expects_continue() && begin_ == end_ &&
         end_ == header_size_ && collected_body_.empty();
}

RequestReader::State RequestReader::parse(Request& request) {
  if (!parser_->got_some()) drop_empty_lines();
  parser_->fill_in(request);
  boost::beast::error_code ec;
  while (begin_ < end_ && !ec && !parser_->is_done()) {
    begin_ += parser_->put(boost::asio::buffer(buffer_.data() + begin_, end_ - begin_), ec);
    if (header_size_ == 0 && parser_->is_header_done()) note_end_of_header();
  }
  return ec && ec != boost::beast::http::error::need_more ? refuse_for(ec) : what_is_missing();
}

// Here and not later, because trailers must not change what the header has said.
void RequestReader::note_end_of_header() {
  header_size_ = begin_;
  keep_alive_ = parser_->keep_alive();
  http10_ = parser_->is_http10();
}

RequestReader::State RequestReader::what_is_missing() {
  const std::size_t header_bytes = header_size_ > 0 ? header_size_ : end_;
  if (header_bytes > limits_.header || (header_size_ == 0 && header_bytes == limits_.header)) {
    return refuse(431, "the request header is over the limit");
  }
  if (header_size_ == 0) return State::header;
  if (parser_->is_done()) return State::complete;
  move_unparsed_to(header_size_);
  if (end_ == buffer_.size()) return refuse(400, "a chunk header or the trailers are too long");
  return State::body;
}

// Empty lines before a request are to be ignored (RFC 9112, 2.2).
void RequestReader::drop_empty_lines() {
  while (begin_ < end_ && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n'))
    ++begin_;
  move_unparsed_to(0);
}

void RequestReader::move_unparsed_to(std::size_t position) {
  if (begin_ == position) return;
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(position));
  end_ = position + (end_ - begin_);
  begin_ = position;
}

// "GET / HTTP/2.0": well-formed, but not ours.
bool RequestReader::names_other_version() const {
  const std::string_view text(buffer_.data(), end_);
  const std::size_t target = text.find(' ');
  const std::size_t version = target == text.npos ? text.npos : text.find(' ', target + 1);
  if (version == text.npos) return false;
  const std::string_view name = text.substr(version + 1, 8);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return name.size() == 8 && name.starts_with("HTTP/") && is_digit(name[5]) && name[6] == '.' &&
         is_digit(name[7]) && name != "HTTP/1.0" && name != "HTTP/1.1";
}

RequestReader::State RequestReader::refuse_for(const boost::system::error_code& ec) {
  using boost::beast::http::error;
  if (parser_->refused_status() != 0) {
    return refuse(parser_->refused_status(), parser_->refused_message());
  }
  if (ec == error::header_limit) return refuse(431, "the request header is over the limit");
  if (ec == error::body_limit) return refuse(413, "the request body is over the limit");
  if (ec == error::bad_version && names_other_version()) {
    return refuse(505, "the only versions that are spoken are HTTP/1.1 and HTTP/1.0");
  }
  return refuse(400, explain(ec));
}

RequestReader::State RequestReader::refuse(unsigned status, std::string_view message) {
  refusal_ = {status, message};
  keep_alive_ = false;
  return state_ = State::refused;
}

}  // namespace baton::http
