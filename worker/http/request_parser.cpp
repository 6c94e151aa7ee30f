#include "worker/http/request_parser.hpp"

#include "worker/http/percent.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <functional>

namespace baton::http {
namespace {

namespace beast = boost::beast;

Method to_method(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::get;
    case beast::http::verb::head:
      return Method::head;
    case beast::http::verb::post:
      return Method::post;
    case beast::http::verb::put:
      return Method::put;
    case beast::http::verb::patch:
      return Method::patch;
    case beast::http::verb::delete_:
      return Method::del;
    case beast::http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

// What follows the authority of "http://host:80/path" (RFC 9112, 3.2.2); nothing if it is no such.
std::string_view without_origin(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!beast::iequals(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? "/" : target.substr(path);
  }
  return {};
}

}  // namespace

void RequestParser::refuse(unsigned status, std::string_view message, error_code& ec) {
  refused_status_ = status;
  refused_message_ = message;
  ec = beast::http::error::bad_value;
}

void RequestParser::on_request_impl(beast::http::verb verb, string_view method, string_view target,
                                    int version, error_code& ec) {
  request_->method = to_method(verb);
  request_->method_name = method;
  request_->target = target;
  version_ = version;
  split_target(ec);
}

void RequestParser::split_target(error_code& ec) {
  std::string_view rest = request_->target;
  if (!rest.starts_with('/') && !(rest == "*" && request_->method == Method::options)) {
    rest = without_origin(rest);
    if (rest.empty()) return refuse(400, "the request target must be a path or an http URL", ec);
  }
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  request_->path = mark == 0 ? "/" : rest.substr(0, mark);
  request_->query = rest.substr(std::min(mark + 1, rest.size()));
  if (request_->path.find('%') == std::string_view::npos) return;
  decoded_path_.clear();
  if (!percent_decode(request_->path, decoded_path_)) {
    return refuse(400, "the path has a broken percent-escape", ec);
  }
  request_->path = decoded_path_;
}

void RequestParser::on_field_impl(beast::http::field field, string_view name, string_view value,
                                  error_code& ec) {
  if (is_header_done()) return;  // trailers are read, and dropped
  // A folded value is put together in a buffer of Beast's that does not last.
  const std::less<const char*> before;
  if (before(value.data(), input_.data()) || !before(value.data(), input_.data() + input_.size())) {
    return refuse(400, "a header field is folded over several lines", ec);
  }
  request_->headers.push_back({name, value});
  switch (field) {
    case beast::http::field::host:
      ++hosts_;
      break;
    case beast::http::field::transfer_encoding:
      if (version_ == 10) return refuse(400, "HTTP/1.0 knows no Transfer-Encoding", ec);
      if (!beast::iequals(value, "chunked")) {
        return refuse(501, "the only Transfer-Encoding that is understood is chunked", ec);
      }
      break;
    case beast::http::field::expect:
      if (!beast::iequals(value, "100-continue")) {
        return refuse(417, "the only expectation that can be met is 100-continue", ec);
      }
      expects_continue_ = version_ >= 11;
      break;
    default:
      break;
  }
}

void RequestParser::on_header_impl(error_code& ec) {
  if (hosts_ > 1 || (hosts_ == 0 && version_ >= 11)) {
    refuse(400, "a request must have exactly one Host field", ec);
  }
}

std::size_t RequestParser::on_body_impl(string_view piece, error_code&) {
  if (collected_body_.empty() && content_length() == piece.size()) {
    whole_body_ = piece;
  } else {
    collected_body_.append(piece.data(), piece.size());
  }
  return piece.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view piece, error_code&) {
  collected_body_.append(piece.data(), piece.size());
  return piece.size();
}

void RequestParser::on_finish_impl(error_code&) {
  request_->body = whole_body_.empty() ? std::string_view(collected_body_) : whole_body_;
}

}  // namespace baton::http
