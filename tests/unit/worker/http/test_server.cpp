#include "tests/unit/worker/http/test_server.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <stdexcept>
#include <variant>

namespace baton::http::testing {

TestServer::TestServer(Settings settings, std::vector<Middleware> chain)
    : log_lines_(std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100)) {
  log = std::make_shared<spdlog::logger>("test", log_lines_);
  settings.log = log;
  server = std::make_unique<Server>(make_router(std::move(chain)), settings);
  UniqueFd listener = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 128).value();
  port_ = std::get<net::Ipv4Address>(net::local_address(listener).value()).port;
  server->add_listener(std::move(listener));
  thread_ = std::jthread([this] { server->run(); });
  activate();
}

TestServer::~TestServer() {
  server->stop();
}

void TestServer::activate(const WantsLane& wants) {
  std::promise<void> accepting;
  server->activate(wants, [&accepting] { accepting.set_value(); }).value();
  accepting.get_future().wait();
}

Router TestServer::make_router(std::vector<Middleware> chain) {
  Router router(std::move(chain));
  const auto throws = [](Exchange&) { throw std::runtime_error("the handler's own secret"); };
  router.add(Method::get, "/", RunOn::io_thread, [](Exchange& e) { e.response.body = "hello"; });
  router.add(Method::post, "/echo", RunOn::io_thread,
             [](Exchange& e) { e.response.body = e.request.body; });
  router.add(Method::get, "/pool", RunOn::pool, [](Exchange& e) { e.response.body = "hello"; });
  router.add(Method::get, "/gate", RunOn::pool, [this](Exchange& e) {
    gate.pass();
    e.response.body = "through";
  });
  router.add(Method::get, "/stop", RunOn::pool, [this](Exchange& e) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    stop_arrived.set_value();
    std::condition_variable_any().wait(lock, e.request.cancelled, [] { return false; });
    cancelled.set_value();
    answer_error(e.response, 503, "cancelled");
  });
  router.add(Method::get, "/throw", RunOn::io_thread, throws);
  router.add(Method::get, "/throw-on-pool", RunOn::pool, throws);
  router.add(Method::get, "/big", RunOn::io_thread,
             [](Exchange& e) { e.response.body.assign(32u << 20, 'x'); });
  router.add(Method::get, "/thread", RunOn::io_thread,
             [](Exchange& e) { e.response.body = std::to_string(::gettid()); });
  router.add(Method::get, "/a path", RunOn::io_thread,
             [](Exchange& e) { e.response.body = e.request.query; });
  return router;
}

std::future<DrainReport> TestServer::drain(DrainOrder order) {
  auto promise = std::make_shared<std::promise<DrainReport>>();
  server->drain(order, [promise](DrainReport report) { promise->set_value(report); });
  return promise->get_future();
}

DrainReport TestServer::drain_and_wait(DrainOrder order) {
  return drain(order).get();
}

void TestServer::wait_until(const std::function<bool(const Progress&)>& holds) const {
  while (!holds(server->progress()))
    std::this_thread::yield();
}

bool TestServer::has_logged(std::string_view text) const {
  const auto lines = log_lines_->last_formatted();
  return std::any_of(lines.begin(), lines.end(), [text](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

}  // namespace baton::http::testing
