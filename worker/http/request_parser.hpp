// What Beast's parser calls while it reads a request: fills in the request as views, and refuses
// what Beast lets pass but a server must not (RFC 9112, 3.2, 5.2, 6.1). For RequestReader only.
#pragma once

#include "worker/http/exchange.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <span>
#include <string>
#include <string_view>

namespace baton::http {

class RequestParser : public boost::beast::http::basic_parser<true> {
 public:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  // `input` is where all bytes are parsed from; `decoded_path` and `collected_body` lend their
  // memory.
  RequestParser(std::span<const char> input, std::string& decoded_path, std::string& collected_body)
      : input_(input), decoded_path_(decoded_path), collected_body_(collected_body) {}

  // To be set before each put().
  void fill_in(Request& request) { request_ = &request; }

  // Of a refusal that Beast knows nothing of; 0: none.
  unsigned refused_status() const { return refused_status_; }
  std::string_view refused_message() const { return refused_message_; }
  bool expects_continue() const { return expects_continue_; }
  bool is_http10() const { return version_ == 10; }

 private:
  void on_request_impl(boost::beast::http::verb verb, string_view method, string_view target,
                       int version, error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value,
                     error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view piece, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view piece, error_code& ec) override;
  void on_finish_impl(error_code& ec) override;

  void refuse(unsigned status, std::string_view message, error_code& ec);
  void split_target(error_code& ec);

  const std::span<const char> input_;
  std::string& decoded_path_;
  std::string& collected_body_;
  Request* request_ = nullptr;
  std::string_view whole_body_;  // when it came in one piece
  unsigned refused_status_ = 0;
  std::string_view refused_message_;
  unsigned hosts_ = 0;
  int version_ = 0;
  bool expects_continue_ = false;
};

}  // namespace baton::http
