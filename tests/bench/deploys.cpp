// What many deploys, one after the other, leave behind: under 64 busy clients, two workers, SIGHUP
// and the end of the old generation each time.
//
//   bench-deploys [ROUNDS]
//
// Prints what the clients lost, and the file descriptors and private memory of batond and of a
// worker after the tenth deploy and after the last.
#include "tests/bench/measure.hpp"
#include "tests/support/batond.hpp"
#include "tests/support/leftovers.hpp"
#include "tests/support/site.hpp"
#include "tests/torture/run.hpp"

#include <cstdio>

namespace baton::testing {
namespace {

class Bench {
 public:
  Bench() {
    site_.add_release("v1", reference_worker(site_));
    site_.use("v1");
    site_.services["app"].workers = 2;
    site_.write_config();
    batond_.emplace(site_);
    if (!batond_->wait_for("cut_over", 1)) throw std::runtime_error("batond does not come up");
    load_.emplace(busy_clients(batond_->address("web"), 64));
  }

  void deploy() {
    const std::uint64_t old = generation_++;
    const std::size_t from = batond_->log_size();
    batond_->hang_up();
    const auto is_gone = [old](const LogEntry& entry) {
      return entry.kind == "generation_gone" && entry.generation == old;
    };
    if (!batond_->wait_for(is_gone, from)) throw std::runtime_error("the deploy does not end");
  }

  void print_sizes() {
    const pid_t supervisor = batond_->pid();
    const pid_t worker = children_of(supervisor).front();
    std::printf("generation %5llu: batond %zu fds, %zu KiB private; a worker %zu fds, %zu KiB\n",
                static_cast<unsigned long long>(generation_), open_fds(supervisor),
                private_memory_kib(supervisor), open_fds(worker), private_memory_kib(worker));
  }

  void print_load() {
    const torture::Report report = load_->finish();
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf(
        "requests %llu, lost %llu; connections opened %llu, lost %llu, told to close %llu\n",
        number(report.answered), number(report.lost_requests), number(report.connections),
        number(report.lost_connections), number(report.close_answers));
  }

  void stop() {
    if (batond_->stop() != 0) throw std::runtime_error("batond does not end well");
  }

 private:
  Site site_;
  std::optional<Batond> batond_;
  std::optional<torture::BackgroundRun> load_;
  std::uint64_t generation_ = 1;
};

void measure(unsigned rounds) {
  constexpr unsigned warm = 10;
  Bench bench;
  for (unsigned round = 1; round <= rounds; ++round) {
    bench.deploy();
    if (round == warm || round == rounds) bench.print_sizes();
  }
  bench.print_load();
  bench.stop();
}

}  // namespace
}  // namespace baton::testing

int main(int argc, char** argv) {
  return baton::testing::run_rounds(argc, argv, 1'000, baton::testing::measure);
}
