// faulty-worker FAULTS: the engine and the life of baton-worker, with a release's faults switched
// on and off by files in the directory FAULTS:
//   unhealthy   /healthz answers 503, and the file's text
//   slow        /healthz is answered when the file has gone
//   errors      /work answers 500
// /api/v1/items, what the tests' clients ask for, is always answered well.
#include "worker/http/server.hpp"
#include "worker/lifecycle.hpp"
#include "worker/sdk/worker.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace {

using namespace baton;

class Faults {
 public:
  explicit Faults(std::filesystem::path directory) : directory_(std::move(directory)) {}
  bool has(const std::string& name) const { return std::filesystem::exists(directory_ / name); }
  std::string text(const std::string& name) const {
    std::ifstream file(directory_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  const std::filesystem::path directory_;
};

void answer_health(const Faults& faults, http::Exchange& exchange) {
  while (faults.has("slow") && !exchange.request.cancelled.stop_requested())
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  if (!faults.has("unhealthy")) return;
  exchange.response.status = 503;
  exchange.response.body = faults.text("unhealthy");
}

http::Router routes(const Faults& faults) {
  http::Router router{std::vector<http::Middleware>{}};
  router.add(http::Method::get, "/api/v1/items", http::RunOn::io_thread,
             [](http::Exchange& exchange) { exchange.response.body = "good\n"; });
  router.add(http::Method::get, "/work", http::RunOn::io_thread, [&](http::Exchange& exchange) {
    if (faults.has("errors")) exchange.response.status = 500;
  });
  router.add(http::Method::get, "/healthz", http::RunOn::pool,
             [&](http::Exchange& exchange) { answer_health(faults, exchange); });
  return router;
}

void serve(const Faults& faults) {
  auto baton = sdk::Worker::connect({.lanes = true, .probe = true, .standby = true}).value();
  http::Server server(routes(faults), {.identity = std::to_string(baton.generation()) + "." +
                                                   std::to_string(::getpid()),
                                       .log = spdlog::stdout_logger_mt("worker")});
  for (const std::string& name : baton.listener_names()) {
    auto lanes = baton.take_lanes(name).value();
    for (unsigned lane = 0; lane < lanes.size(); ++lane)
      server.add_listener(std::move(lanes[lane]), lane);
  }
  if (UniqueFd probe = baton.take_probe_listener()) server.serve_probes(std::move(probe));
  worker::run_supervised(server, baton, Duration{10'000});
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc != 2) {
    std::fprintf(stderr, "usage: faulty-worker FAULTS\n");
    return 2;
  }
  try {
    serve(Faults(argv[1]));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "faulty-worker: %s\n", error.what());
    return 1;
  }
}
