// What the benches measure with: a clock, a worker, clients, and who answers.
#pragma once

#include "common/net/address.hpp"
#include "tests/support/child.hpp"
#include "tests/support/site.hpp"
#include "tests/torture/options.hpp"

#include <httplib.h>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace baton::testing {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

inline std::uint16_t port_of(const net::Address& address) {
  return std::get<net::Ipv4Address>(address).port;
}

// The command of a baton-worker that has its files in the site's directory.
inline std::vector<std::string> reference_worker(const Site& site) {
  const auto secret = site.path() / "secret";
  write_file(secret, std::string(48, 's'));
  ::chmod(secret.c_str(), 0600);
  return {program("baton-worker").string(),    "--identify",    "--database",
          (site.path() / "items.db").string(), "--secret-file", secret.string()};
}

// Clients that ask without a pause, and want to keep their connections.
inline torture::Options busy_clients(const net::Address& target, unsigned number) {
  torture::Options options;
  options.target = target;
  options.mode = torture::Mode::keep_alive;
  options.clients = number;
  options.get_path = "/healthz";
  options.expect_kept = true;
  options.timeout = patience;
  return options;
}

// The generation that answers on a fresh connection; nothing when nobody does.
inline std::optional<std::string> answering_generation(std::uint16_t port) {
  httplib::Client client("127.0.0.1", port);
  const auto answer = client.Get("/healthz");
  if (!answer) return std::nullopt;
  const std::string worker = answer->get_header_value("X-Worker");
  return worker.substr(0, worker.find('.'));
}

inline Milliseconds until(Clock::time_point begin, const std::function<bool()>& holds) {
  while (!holds()) {
    if (Clock::now() - begin > patience) throw std::runtime_error("it takes for ever");
  }
  return Clock::now() - begin;
}

// A bench's main(): one argument, how many rounds.
inline int run_rounds(int argc, char** argv, int rounds, void (*measure)(unsigned rounds)) {
  if (argc > 1) rounds = std::atoi(argv[1]);
  if (rounds < 1 || rounds > 10'000) {
    std::fprintf(stderr, "usage: %s [ROUNDS]  (1 to 10000)\n", argv[0]);
    return 2;
  }
  try {
    measure(static_cast<unsigned>(rounds));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

inline double median(std::vector<Milliseconds> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2].count();
}

}  // namespace baton::testing
