#include "worker/http/exchange.hpp"

#include "worker/http/percent.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace baton::http {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool would_split_the_header(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// "Not Found" -> "not_found"
std::string error_code(unsigned status) {
  std::string code(reason_phrase(status));
  std::transform(code.begin(), code.end(), code.begin(),
                 [](char c) { return c == ' ' || c == '-' ? '_' : to_lower(c); });
  return code;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      break;
  }
  return "?";
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const Header& field : headers) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (decode_query_value(pair.substr(0, equals)) != name) continue;
    return decode_query_value(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

void Request::clear() {
  method = Method::get;
  method_name = target = path = query = body = {};
  headers.clear();
  id.clear();
  subject.clear();
  cancelled = {};
}

void Response::add_header(std::string_view name, std::string_view value) {
  if (would_split_the_header(name) || would_split_the_header(value)) return;
  header_lines_.append(name).append(": ").append(value).append("\r\n");
}

void Response::clear() {
  status = 200;
  content_type = {};
  body.clear();
  header_lines_.clear();
}

void Exchange::clear() {
  request.clear();
  response.clear();
}

void answer_error(Response& response, unsigned status, std::string_view message) {
  const nlohmann::ordered_json body = {
      {"error", {{"status", status}, {"code", error_code(status)}, {"message", message}}}};
  response.status = status;
  response.content_type = json_type;
  // A message that quotes the request may hold anything: what is not UTF-8 is replaced.
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  response.body += '\n';
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

}  // namespace baton::http
