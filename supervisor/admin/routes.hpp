// What each route of the admin API does: a request in, a document or a stream of lines out. Knows
// Control and JSON, and nothing of sockets.
#pragma once

#include "supervisor/admin/control.hpp"
#include "supervisor/admin/line_stream.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace baton::admin {

struct ApiRequest {
  std::string method;
  std::string path;   // "/v1/status"
  std::string query;  // "n=10&follow=1"
  std::string body;
  Peer peer;
};

struct ApiResponse {
  unsigned status = 200;
  std::string body;                    // one JSON document and a newline
  std::shared_ptr<LineStream> stream;  // or lines, as they come
  std::string allow;                   // with 405: the method that the route has
};

ApiResponse error_response(unsigned status, const std::string& message);

// Calls `respond` exactly once: at once, or when what was asked for is known.
void handle(const ApiRequest& request, Control& control,
            const boost::asio::any_io_executor& executor, std::function<void(ApiResponse)> respond);

}  // namespace baton::admin
