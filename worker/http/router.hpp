// Which handler answers which path and method. Built once, at start-up; afterwards const, and then
// safe from any thread.
//
//   Router router({request_id(), access_log(), recover()});          // outermost first
//   router.add(Method::get, "/healthz", RunOn::io_thread, healthz);
//   router.add(Method::get, "/api/v1/items", RunOn::pool, authorise(list_items));
#pragma once

#include "worker/http/exchange.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace baton::http {

enum class RunOn {
  io_thread,  // at once, on the thread that serves the connection: must not block
  pool,       // on a thread of the pool: may block, and hears of cancellation
};

struct Route {
  std::string path;
  Method method{};
  RunOn where{};
  Handler handler;  // with the whole chain around it; an exception may still leave it
};

class Router {
 public:
  // Every handler is wrapped in the chain, the answers 404 and 405 too. The first of the chain sees
  // the request first and the response last.
  explicit Router(std::vector<Middleware> chain = {});

  // Paths are compared whole, after percent-decoding. A GET route answers HEAD as well.
  void add(Method method, std::string path, RunOn where, Handler handler);

  // Always finds one: an unknown path is answered 404, a wrong method 405 with Allow.
  const Route& find(Method method, std::string_view path) const;

 private:
  Handler wrap(Handler handler) const;
  void refresh_method_refusal(const std::string& path);

  std::vector<Middleware> chain_;
  std::vector<Route> routes_;
  std::vector<Route> wrong_method_;  // one a path, its Allow field prepared
  Route not_found_;
};

}  // namespace baton::http
