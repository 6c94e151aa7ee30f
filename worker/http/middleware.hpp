// The middleware that every service wants, in the order in which a request should meet them:
// request_id, access_log, recover, content_type. All thread-safe.
#pragma once

#include "worker/http/exchange.hpp"

#include <memory>

namespace spdlog {
class logger;
}

namespace baton::http {

// Takes the client's X-Request-Id if it is 1 to 64 letters, digits, '-', '_' or '.'; else makes
// one. The response bears it.
Middleware request_id();

// One line a request, at level info: method, target, status, bytes, microseconds, request id.
Middleware access_log(std::shared_ptr<spdlog::logger> log);

// An exception in what it wraps is answered 500 and logged; the client is not told what it said.
Middleware recover(std::shared_ptr<spdlog::logger> log);

// A body that is not declared as application/json is refused with 415. A response that has a body
// and no type is JSON.
Middleware content_type();

}  // namespace baton::http
