// The items API: GET /api/v1/items, POST /api/v1/item, GET /healthz. No knowledge of sockets.
#pragma once

#include "worker/http/router.hpp"
#include "worker/items/item.hpp"

#include <memory>

namespace spdlog {
class logger;
}

namespace baton::items {

// Adds the routes. `authorise` goes around the two of the API; /healthz is open. The repository is
// called on the engine's pool.
void add_routes(http::Router& router, std::shared_ptr<ItemRepository> repository,
                const http::Middleware& authorise, std::shared_ptr<spdlog::logger> log);

}  // namespace baton::items
