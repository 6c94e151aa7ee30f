#include "worker/http/router.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace baton::http {
namespace {

Handler refuse_method(std::string allow) {
  return [allow = std::move(allow)](Exchange& exchange) {
    exchange.response.add_header("Allow", allow);
    answer_error(exchange.response, 405,
                 "this path does not know the method " + std::string(exchange.request.method_name) +
                     "; it allows " + allow);
  };
}

void answer_not_found(Exchange& exchange) {
  answer_error(exchange.response, 404, "there is nothing at " + std::string(exchange.request.path));
}

}  // namespace

Router::Router(std::vector<Middleware> chain)
    : chain_(std::move(chain)),
      not_found_{{}, Method::other, RunOn::io_thread, wrap(answer_not_found)} {}

void Router::add(Method method, std::string path, RunOn where, Handler handler) {
  routes_.push_back({path, method, where, wrap(std::move(handler))});
  refresh_method_refusal(path);
}

const Route& Router::find(Method method, std::string_view path) const {
  if (method == Method::head) method = Method::get;
  for (const Route& route : routes_) {
    if (route.method == method && route.path == path) return route;
  }
  for (const Route& refusal : wrong_method_) {
    if (refusal.path == path) return refusal;
  }
  return not_found_;
}

Handler Router::wrap(Handler handler) const {
  for (const Middleware& middleware : chain_ | std::views::reverse) {
    handler = middleware(std::move(handler));
  }
  return handler;
}

void Router::refresh_method_refusal(const std::string& path) {
  std::string allow;
  for (const Route& route : routes_) {
    if (route.path != path) continue;
    if (!allow.empty()) allow += ", ";
    allow += to_string(route.method);
    if (route.method == Method::get) allow += ", HEAD";
  }
  std::erase_if(wrong_method_, [&](const Route& refusal) { return refusal.path == path; });
  wrong_method_.push_back({path, Method::other, RunOn::io_thread, wrap(refuse_method(allow))});
}

}  // namespace baton::http
