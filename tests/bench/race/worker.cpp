// race-worker [THREADS]: answers every GET / with a fixed body, under batond.
#include "worker/sdk/worker.hpp"

#include "common/open_files.hpp"
#include "worker/http/server.hpp"
#include "worker/lifecycle.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

namespace {

using namespace baton;

void serve(unsigned threads) {
  raise_open_file_limit();
  auto supervisor = sdk::Worker::connect().value();
  http::Router router{std::vector<http::Middleware>{}};
  router.add(http::Method::get, "/", http::RunOn::io_thread, [](http::Exchange& exchange) {
    exchange.response.content_type = http::json_type;
    exchange.response.body = R"({"hello":1})";
  });
  http::Server server(std::move(router), {.timeouts = {.idle = Duration{600'000}},
                                          .threads = threads,
                                          .identity = std::to_string(supervisor.generation()) +
                                                      "." + std::to_string(::getpid()),
                                          .log = spdlog::stdout_logger_mt("worker")});
  for (const std::string& name : supervisor.listener_names()) {
    server.add_listener(supervisor.take_listener(name).value());
  }
  worker::run_supervised(server, supervisor, Duration{10'000});
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    serve(argc > 1 ? static_cast<unsigned>(std::stoul(argv[1])) : 1);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "race-worker: %s\n", error.what());
    return 1;
  }
}
