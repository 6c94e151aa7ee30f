// baton-worker, the reference service: what it is made of, in which order a request meets it, and
// how it begins and ends.
#include "common/net/listen.hpp"
#include "common/open_files.hpp"
#include "worker/auth/authorise.hpp"
#include "worker/auth/token.hpp"
#include "worker/http/middleware.hpp"
#include "worker/http/server.hpp"
#include "worker/items/handlers.hpp"
#include "worker/items/sqlite_repository.hpp"
#include "worker/lifecycle.hpp"
#include "worker/options.hpp"
#include "worker/profiling/gperftools.hpp"
#include "worker/profiling/profiling.hpp"
#include "worker/sdk/worker.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <thread>

namespace baton::worker {
namespace {

using Logger = std::shared_ptr<spdlog::logger>;

constexpr int backlog = 4096;
constexpr unsigned database_threads = 2;
constexpr std::chrono::seconds database_patience{5};

Logger make_logger(const Options& options) {
  auto log =
      std::make_shared<spdlog::logger>("worker", std::make_shared<spdlog::sinks::stdout_sink_mt>());
  log->set_level(spdlog::level::from_str(options.log_level));
  log->flush_on(spdlog::level::trace);
  // A supervisor puts the time, the service, the generation and the pid before each line itself.
  log->set_pattern(sdk::supervised() ? "%l: %v" : "%Y-%m-%d %H:%M:%S.%e %l: %v");
  return log;
}

auth::Secret read_secret(const Options& options) {
  return options.secret_file.empty() ? auth::Secret::from_environment().value()
                                     : auth::Secret::from_file(options.secret_file).value();
}

auth::TokenRules token_rules(const Options& options) {
  return {.issuer = options.issuer, .audience = options.audience};
}

http::Router make_router(const Options& options, const Logger& log,
                         std::shared_ptr<items::ItemRepository> repository) {
  std::vector<http::Middleware> chain{http::request_id()};
  if (options.access_log) chain.push_back(http::access_log(log));
  chain.push_back(http::recover(log));
  chain.push_back(http::content_type());
  http::Router router(std::move(chain));
  const auto verifier = std::make_shared<const auth::TokenVerifier>(
      read_secret(options), token_rules(options), std::chrono::system_clock::now);
  items::add_routes(router, std::move(repository), auth::authorise(verifier), log);
  return router;
}

http::Settings make_settings(const Options& options, const Logger& log, std::uint64_t generation) {
  http::Settings settings{.timeouts = options.timeouts,
                          .limits = options.limits,
                          .threads = options.threads,
                          .pool_threads = database_threads,
                          .log = log};
  if (options.identify) {
    settings.identity = std::to_string(generation) + "." + std::to_string(::getpid());
  }
  return settings;
}

void take_listeners(http::Server& server, const Options& options, const Logger& log,
                    std::optional<sdk::Worker>& baton) {
  if (baton) {
    for (const std::string& name : baton->listener_names()) {
      auto lanes = baton->take_lanes(name).value();
      for (unsigned lane = 0; lane < lanes.size(); ++lane)
        server.add_listener(std::move(lanes[lane]), lane);
    }
    if (UniqueFd probe = baton->take_probe_listener()) server.serve_probes(std::move(probe));
    return;
  }
  if (options.listen.empty()) {
    throw Failure({Errc::invalid_input,
                   "nowhere to listen: give --listen ADDRESS, or start it under a supervisor"});
  }
  for (const std::string& text : options.listen) {
    UniqueFd socket = net::listen_on(net::parse_address(text).value(), backlog).value();
    log->info("listening on {}", net::format_address(net::local_address(socket).value()));
    server.add_listener(std::move(socket));
  }
}

// An engine of its own with a thread of its own, on a listener of its own: profiles must not be
// reachable through the service.
class Admin {
 public:
  Admin(http::Router router, http::Settings settings, UniqueFd listener)
      : server_(std::move(router), std::move(settings)) {
    server_.add_listener(std::move(listener));
    server_.activate([](unsigned) { return true; }, [] {}).value();
    thread_ = std::jthread([this] { server_.run(); });
  }
  ~Admin() { server_.stop(); }

 private:
  http::Server server_;
  std::jthread thread_;
};

std::unique_ptr<Admin> start_admin(const Options& options, const Logger& log,
                                   std::uint64_t generation, const http::Server& service) {
  if (options.admin.empty()) return nullptr;
  std::string text = options.admin;
  if (const auto pid = text.find("%p"); pid != text.npos)
    text.replace(pid, 2, std::to_string(::getpid()));
  auto socket = net::listen_on(net::parse_address(text).value(), backlog);
  if (!socket) {
    // The generation before may still hold it. No reason to keep this one from serving.
    if (!sdk::supervised()) throw Failure(socket.error());
    log->warn("no admin listener: {}", socket.error().message);
    return nullptr;
  }
  http::Router router({http::recover(log)});
  profiling::add_routes(router, [&service, generation] {
    const http::Progress now = service.progress();
    return profiling::Vars{.version = BATON_VERSION,
                           .generation = generation,
                           .connections = now.connections,
                           .in_flight = now.in_flight,
                           .requests = now.requests};
  });
  return std::make_unique<Admin>(
      std::move(router),
      http::Settings{.timeouts = {.write = Duration{60'000}},
                     .limits = {.body = 4 << 20},  // pprof asks for many symbols at once
                     .log = log},
      std::move(*socket));
}

void serve(const Options& options, const Logger& log, std::optional<sdk::Worker>& baton) {
  raise_open_file_limit();
  enlarge_descriptor_table();
  const std::uint64_t generation = baton ? baton->generation() : 0;
  std::shared_ptr<items::ItemRepository> repository =
      items::SqliteRepository::open(options.database, database_patience, database_threads).value();
  auto server = std::make_unique<http::Server>(make_router(options, log, repository),
                                               make_settings(options, log, generation));
  take_listeners(*server, options, log, baton);
  auto admin = start_admin(options, log, generation, *server);

  const http::DrainReport drained = baton
                                        ? run_supervised(*server, *baton, options.shutdown_timeout)
                                        : run_alone(*server, options.shutdown_timeout);
  admin.reset();
  server.reset();
  repository.reset();
  log->info(
      "stopped: {} requests finished in the drain, {} cut off, {} idle connections closed, the "
      "database is closed",
      drained.finished, drained.cut_requests, drained.closed_connections);
}

int run(const Options& options) {
  const Logger log = make_logger(options);
  std::optional<sdk::Worker> baton;
  try {
    if (sdk::supervised()) {
      baton.emplace(sdk::Worker::connect({.lanes = true, .probe = true, .standby = true}).value());
    }
    serve(options, log, baton);
    return 0;
  } catch (const std::exception& error) {
    log->error("{}", error.what());
    if (baton) baton->failed(error.what());
    return 1;
  }
}

int print_token(const Options& options) {
  try {
    const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(options.token_lifetime);
    std::puts(auth::mint_token(read_secret(options), token_rules(options), *options.token_subject,
                               std::chrono::system_clock::now(), lifetime)
                  .c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "baton-worker: %s\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace baton::worker

int main(int argc, char** argv) {
  using namespace baton::worker;
  std::signal(SIGPIPE, SIG_IGN);
  Options options;
  if (const auto exit = parse_options(argc, argv, options)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  if (options.token_subject) return print_token(options);
  if (!options.admin.empty()) baton::profiling::begin_again_with_profilers(argv);
  return run(options);
}
