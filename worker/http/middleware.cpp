#include "worker/http/middleware.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <exception>
#include <random>
#include <string>
#include <utility>

namespace baton::http {
namespace {

constexpr std::size_t max_request_id = 64;

bool is_good_id(std::string_view id) {
  return !id.empty() && id.size() <= max_request_id && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// A random start for each thread and a count from there: unique enough for a log, and no system
// call a request.
void make_id(std::string& id) {
  thread_local std::uint64_t next = [] {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
  }();
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof(digits), next++, 16).ptr;
  id.assign(static_cast<std::size_t>(digits + sizeof(digits) - end), '0').append(digits, end);
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
    type.remove_suffix(1);
  return std::ranges::equal(type, json_type, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

}  // namespace

Middleware request_id() {
  return [](Handler next) -> Handler {
    return [next = std::move(next)](Exchange& exchange) {
      const auto given = exchange.request.header("X-Request-Id");
      if (given && is_good_id(*given)) {
        exchange.request.id.assign(*given);
      } else {
        make_id(exchange.request.id);
      }
      exchange.response.add_header("X-Request-Id", exchange.request.id);
      next(exchange);
    };
  };
}

Middleware access_log(std::shared_ptr<spdlog::logger> log) {
  return [log = std::move(log)](Handler next) -> Handler {
    return [log, next = std::move(next)](Exchange& exchange) {
      const auto start = std::chrono::steady_clock::now();
      next(exchange);
      const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - start);
      const Request& request = exchange.request;
      const Response& response = exchange.response;
      log->info("{} {} {} {} bytes {} us id {} #{}", request.method_name, request.target,
                response.status, response.body.size(), taken.count(), request.id, request.number);
    };
  };
}

Middleware recover(std::shared_ptr<spdlog::logger> log) {
  return [log = std::move(log)](Handler next) -> Handler {
    return [log, next = std::move(next)](Exchange& exchange) {
      std::string what;
      try {
        return next(exchange);
      } catch (const std::exception& failure) {
        what = failure.what();
      } catch (...) {
        what = "something that is no std::exception";
      }
      log->error("a handler has failed at {} {} (request {}): {}", exchange.request.method_name,
                 exchange.request.target, exchange.request.id, what);
      answer_error(
          exchange.response, 500,
          "the server has failed at this request; its log says why under the request's id");
    };
  };
}

Middleware content_type() {
  return [](Handler next) -> Handler {
    return [next = std::move(next)](Exchange& exchange) {
      const Request& request = exchange.request;
      if (!request.body.empty() && !is_json(request.header("Content-Type").value_or(""))) {
        return answer_error(exchange.response, 415,
                            "a body must be declared as Content-Type: application/json");
      }
      next(exchange);
      Response& response = exchange.response;
      if (response.content_type.empty() && !response.body.empty())
        response.content_type = json_type;
    };
  };
}

}  // namespace baton::http
