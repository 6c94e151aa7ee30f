// What a handler sees of HTTP: one request, the response it fills in, and the form of handlers and
// middleware. Knows neither sockets nor Asio, so that a handler is tested by calling it.
//
// Handlers and middleware are plain functions that are composed once, at start-up. They are called
// from several threads at once (each with an Exchange of its own) and must be thread-safe. A route
// says where its handler runs (router.hpp): on the io thread, where it must not block, or on the
// pool, where it may. An exception that leaves a handler is a 500; it never harms the process.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace baton::http {

enum class Method { get, head, post, put, patch, del, options, other };

// "GET", "POST", ...; "?" for Method::other.
std::string_view to_string(Method method);

struct Header {
  std::string_view name;
  std::string_view value;  // without surrounding white space
};

// The views are into the connection's buffers: valid until the handler returns, and no longer.
struct Request {
  Method method = Method::get;
  std::string_view method_name;  // as it came
  std::string_view target;       // as it came: "/a%20b?page=2"
  std::string_view path;         // percent-decoded: "/a b"
  std::string_view query;        // as it came, without the '?': "page=2"
  std::vector<Header> headers;   // in the order in which they came
  std::string_view body;         // whole, chunks already joined

  std::string id;  // set by the request-id middleware; also in the log and in the response
  std::uint64_t number = 0;  // of this request on its connection, from 1
  std::string subject;       // who asks; set by the authorisation, empty when nobody has said

  // Set when nobody waits for the answer any more: the client has gone, or a drain cuts the
  // request. Only what runs on the pool gets one that can be stopped.
  std::stop_token cancelled;

  // The first field of that name in any case, or nothing.
  std::optional<std::string_view> header(std::string_view name) const;

  // The first value of a query parameter, decoded ('+' is a blank); nothing when it is absent.
  // A broken percent-escape is taken as it stands.
  std::optional<std::string> parameter(std::string_view name) const;

  // Makes it as new, but keeps the memory of its strings.
  void clear();
};

// Filled in by the handler. The engine adds Content-Length, Date and Connection.
struct Response {
  unsigned status = 200;
  std::string_view content_type;  // a string literal; empty: no Content-Type field
  std::string body;               // not sent in answer to HEAD, nor with 204 and 304

  // `name` and `value` must not contain line breaks: what would split the header is left out.
  void add_header(std::string_view name, std::string_view value);
  // The fields added so far, each "Name: value\r\n".
  std::string_view header_lines() const { return header_lines_; }

  // Makes it as new, but keeps the memory of its strings.
  void clear();

 private:
  std::string header_lines_;
};

struct Exchange {
  Request request;
  Response response;

  void clear();
};

using Handler = std::function<void(Exchange&)>;

// Wraps a handler in another: called once, at start-up. The handler it returns may answer by itself
// (without calling the next), look at the request before and at the response after, or catch.
using Middleware = std::function<Handler(Handler next)>;

inline constexpr std::string_view json_type = "application/json";

// Answers with a JSON body: {"error": {"status": 404, "code": "not_found", "message": "..."}}. The
// code is made from the status. What the handler had put in the body before is dropped.
void answer_error(Response& response, unsigned status, std::string_view message);

// "Not Found" for 404; "Status" for one that has no name here.
std::string_view reason_phrase(unsigned status);

}  // namespace baton::http
