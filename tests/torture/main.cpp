// baton-strict-client: drives HTTP traffic at a service and accounts for every request and every
// connection. Prints one JSON object. Exit 0: nothing was lost; 1: something was; 2: usage.
#include "common/duration.hpp"
#include "tests/torture/run.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

namespace {

using namespace baton;

std::atomic<bool>* stop_flag = nullptr;

struct Arguments {
  torture::Options options;
  std::string target;
  std::string duration = "0";
  std::string timeout = "10s";
  std::string think_time = "0";
  std::string body_time = "3s";
  std::string token_file;
  std::string acknowledged_file;
};

void declare(CLI::App& app, Arguments& arguments) {
  using torture::Mode;
  static const std::map<std::string, Mode> modes{{"fresh", Mode::fresh},
                                                 {"keep-alive", Mode::keep_alive},
                                                 {"pipelined", Mode::pipelined},
                                                 {"slow-body", Mode::slow_body},
                                                 {"slow-read", Mode::slow_read}};
  auto& options = arguments.options;
  app.add_option("target", arguments.target, "HOST:PORT, [V6]:PORT or unix:/path")->required();
  app.add_option("--mode", options.mode, "How connections are used")
      ->transform(CLI::CheckedTransformer(modes));
  app.add_option("--clients", options.clients, "How many at once")->check(CLI::Range(1, 20'000));
  app.add_option("--duration", arguments.duration, "Stop after this time, such as 9s");
  app.add_option("--requests", options.requests, "Stop after this many requests");
  app.add_option("--timeout", arguments.timeout, "For one request");
  app.add_option("--think-time", arguments.think_time, "keep-alive: pause after an answer");
  app.add_option("--body-time", arguments.body_time, "slow-body: how long a body takes");
  app.add_option("--depth", options.depth, "pipelined: how many requests are in flight")
      ->check(CLI::Range(1, 1'000));
  app.add_option("--read-rate", options.read_rate, "slow-read: bytes a second")
      ->check(CLI::Range(1, 1'000'000));
  app.add_flag("--keep,--expect-kept", options.expect_kept,
               "keep-alive, pipelined: an answer with Connection: close and a second connection of "
               "a client are losses");
  app.add_option("--post-percent", options.post_percent, "How many requests are POSTs")
      ->check(CLI::Range(0, 100));
  app.add_option("--get-path", options.get_path, "Path of GETs");
  app.add_option("--post-path", options.post_path, "Path of POSTs");
  app.add_option("--name-prefix", options.name_prefix, "Of the posted names");
  app.add_option("--token-file", arguments.token_file, "Bearer token (default: $BATON_TOKEN)");
  app.add_option("--acknowledged", arguments.acknowledged_file,
                 "Write \"ID<TAB>NAME\" of every item answered 201 to this file");
}

void complete(Arguments& arguments) {
  auto& options = arguments.options;
  options.target = net::parse_address(arguments.target).value();
  options.duration = parse_duration(arguments.duration).value();
  options.timeout = parse_duration(arguments.timeout).value();
  options.think_time = parse_duration(arguments.think_time).value();
  options.body_time = parse_duration(arguments.body_time).value();
  if (options.duration.count() == 0 && options.requests == 0) {
    throw Failure({Errc::invalid_input, "a run needs --duration or --requests"});
  }
  const bool may_keep =
      options.mode == torture::Mode::keep_alive || options.mode == torture::Mode::pipelined;
  if (options.expect_kept && !may_keep) {
    throw Failure({Errc::invalid_input, "--keep needs --mode keep-alive or pipelined"});
  }
  if (options.name_prefix.empty()) options.name_prefix = "client" + std::to_string(::getpid());
  if (!arguments.token_file.empty()) {
    std::ifstream file(arguments.token_file);
    if (!(file >> options.token)) {
      throw Failure({Errc::invalid_input, "no token in " + arguments.token_file});
    }
  } else if (const char* token = std::getenv("BATON_TOKEN")) {
    options.token = token;
  }
}

void write_acknowledged(const std::string& path, const torture::Report& report) {
  std::ofstream file(path);
  for (const auto& item : report.acknowledged)
    file << item.id << '\t' << item.name << '\n';
  if (!file.flush()) throw Failure({Errc::system, "could not write " + path});
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Accounts for every request and every connection; exits 1 if one was lost.");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
    complete(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const Failure& failure) {
    std::cerr << "baton-strict-client: " << failure.what() << '\n';
    return 2;
  }
  try {
    torture::Live live;
    stop_flag = &live.stop;
    std::signal(SIGINT, [](int) { *stop_flag = true; });
    std::signal(SIGTERM, [](int) { *stop_flag = true; });
    const auto report = torture::run(arguments.options, live);
    if (!arguments.acknowledged_file.empty()) {
      write_acknowledged(arguments.acknowledged_file, report);
    }
    std::cout << torture::to_json(report) << '\n';
    return report.passed() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "baton-strict-client: " << error.what() << '\n';
    return 1;
  }
}
