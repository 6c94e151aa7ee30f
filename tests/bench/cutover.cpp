// How long a deploy takes until a client sees it, beside what the worker itself needs to start:
//
//   bench-cutover [ROUNDS]
//
// Each round measures both, one after the other, so that a busy machine is busy for both. Prints
// medians and their difference, which is what the supervisor adds.
#include "common/net/listen.hpp"
#include "tests/bench/measure.hpp"
#include "tests/support/batond.hpp"
#include "tests/support/child.hpp"
#include "tests/support/site.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace baton::testing {
namespace {

// A port that was free a moment ago.
std::uint16_t free_port() {
  const UniqueFd socket = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 1).value();
  return port_of(net::local_address(socket).value());
}

class Bench {
 public:
  Bench() {
    worker_ = reference_worker(site_);
    site_.add_release("v1", worker_);
    site_.use("v1");
    site_.write_config();
  }

  // Fork to first answer.
  Milliseconds bare_start() const {
    const std::uint16_t port = free_port();
    auto arguments = worker_;
    arguments.insert(arguments.end(), {"--listen", "127.0.0.1:" + std::to_string(port)});
    const auto begin = Clock::now();
    Child alone(Command{arguments, {}});
    const auto took = until(begin, [port] { return answering_generation(port).has_value(); });
    alone.signal(SIGTERM);
    alone.wait();
    return took;
  }

  void start() {
    batond_.emplace(site_);
    if (!batond_->wait_for("cut_over", 1)) throw std::runtime_error("batond does not come up");
    port_ = port_of(batond_->address("web"));
  }

  // SIGHUP to the first answer by the generation that it began.
  Milliseconds deploy(std::uint64_t generation) {
    const std::string wanted = std::to_string(generation);
    const auto begin = Clock::now();
    batond_->hang_up();
    const auto took = until(begin, [&] { return answering_generation(port_) == wanted; });
    batond_->wait_for("generation_gone", generation - 1);
    return took;
  }

  void stop() {
    if (batond_->stop() != 0) throw std::runtime_error("batond does not end well");
  }

 private:
  Site site_;
  std::vector<std::string> worker_;
  std::optional<Batond> batond_;
  std::uint16_t port_ = 0;
};

void measure(unsigned rounds) {
  Bench bench;
  bench.start();
  std::vector<Milliseconds> deploys;
  std::vector<Milliseconds> starts;
  for (unsigned round = 0; round < rounds; ++round) {
    starts.push_back(bench.bare_start());
    deploys.push_back(bench.deploy(round + 2));
  }
  bench.stop();
  std::printf("bare start of the worker, fork to first answer:  %6.1f ms (median of %u)\n",
              median(starts), rounds);
  std::printf("SIGHUP to first answer by the new generation:    %6.1f ms, %.2f times that\n",
              median(deploys), median(deploys) / median(starts));
}

}  // namespace
}  // namespace baton::testing

int main(int argc, char** argv) {
  return baton::testing::run_rounds(argc, argv, 50, baton::testing::measure);
}
