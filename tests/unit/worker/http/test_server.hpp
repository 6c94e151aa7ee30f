// An engine on a free port of 127.0.0.1 with routes that a test can hold up.
#pragma once

#include "common/net/listen.hpp"
#include "tests/unit/worker/http/test_client.hpp"
#include "worker/http/server.hpp"

#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace spdlog::sinks {
template <typename Mutex>
class ringbuffer_sink;
}

namespace baton::http::testing {

// Holds handlers until it is opened; says when the first one has come.
class Gate {
 public:
  void pass() {
    arrived_.set_value();
    open_future_.wait();
  }
  void wait_for_arrival() { arrived_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> arrived_;
  std::promise<void> open_;
  std::shared_future<void> open_future_ = open_.get_future().share();
};

// GET /          "hello"
// POST /echo     the body
// GET /pool      on the pool: "hello"
// GET /gate      on the pool: waits at the gate
// GET /stop      on the pool: waits for its cancellation, then opens `cancelled`
// GET /throw     throws; GET /throw-on-pool too
// GET /big       32 MiB
// GET /target    path, '|', query
class TestServer {
 public:
  explicit TestServer(Settings settings = {}, std::vector<Middleware> chain = {});
  ~TestServer();

  // Returns once it accepts.
  void activate(const WantsLane& wants = [](unsigned) { return true; });

  std::uint16_t port() const { return port_; }
  TestClient connect() const { return TestClient(port_); }
  // Blocks until `drain` calls back.
  DrainReport drain_and_wait(DrainOrder order);
  std::future<DrainReport> drain(DrainOrder order);
  // Spins (with yields) until it holds: what is waited for is already under way.
  void wait_until(const std::function<bool(const Progress&)>& holds) const;

  Gate gate;
  std::promise<void> stop_arrived;
  std::promise<void> cancelled;
  std::shared_ptr<spdlog::logger> log;
  // Whether a line with this in it is among the last hundred. From any thread.
  bool has_logged(std::string_view text) const;

 private:
  Router make_router(std::vector<Middleware> chain);

  std::shared_ptr<spdlog::sinks::ringbuffer_sink<std::mutex>> log_lines_;
  std::uint16_t port_ = 0;

 public:
  std::unique_ptr<Server> server;

 private:
  std::jthread thread_;
};

}  // namespace baton::http::testing
