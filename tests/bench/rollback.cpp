// How long a rollback takes until a client sees it, to a generation that stands by and to a release
// that has to be started again, both under load:
//
//   bench-rollback [ROUNDS]
//
// Each round measures both, one after the other, so that a busy machine is busy for both. Time is
// from the start of `batonctl rollback` to the first answer of the generation that it brings back,
// on fresh connections beside 16 busy ones. Prints medians, the longest, and what the clients lost.
#include "tests/bench/measure.hpp"
#include "tests/support/batond.hpp"
#include "tests/support/site.hpp"
#include "tests/torture/run.hpp"

#include <cstdio>

namespace baton::testing {
namespace {

class Bench {
 public:
  explicit Bench(const std::string& guards) {
    const auto worker = reference_worker(site_);
    site_.add_release("v1", worker);
    site_.add_release("v2", worker);
    site_.use("v1");
    site_.services["app"].more = guards;
    site_.write_config();
    batond_.emplace(site_);
    if (!batond_->wait_for("cut_over", 1)) throw std::runtime_error("batond does not come up");
    port_ = port_of(batond_->address("web"));
  }

  void begin_load() { load_.emplace(busy_clients(batond_->address("web"), 16)); }
  std::uint64_t end_load() {
    const torture::Report report = load_->finish();
    load_.reset();
    return report.lost_requests + report.lost_connections + report.close_answers;
  }

  // Deploys v2 over v1, then measures the way back.
  Milliseconds roll_back() {
    if (batond_->ctl({"deploy", "app", "--release", site_.release("v2")}).exit_code != 0) {
      throw std::runtime_error("the deploy has failed");
    }
    const std::string bad = answering_generation(port_).value();
    const auto begin = Clock::now();
    Child rollback(batond_->ctl_command({"rollback", "app"}));
    const auto took = until(begin, [&] {
      const auto now = answering_generation(port_);
      return now && *now != bad;
    });
    if (rollback.wait() != 0) throw std::runtime_error("the rollback has failed");
    return took;
  }

  void stop() {
    if (batond_->stop() != 0) throw std::runtime_error("batond does not end well");
  }

 private:
  Site site_;
  std::optional<Batond> batond_;
  std::optional<torture::BackgroundRun> load_;
  std::uint16_t port_ = 0;
};

void print(const char* what, const std::vector<Milliseconds>& times, std::uint64_t lost) {
  std::printf("rollback %-28s %6.1f ms (median of %zu), %6.1f ms (longest), lost %llu\n", what,
              median(times), times.size(), std::max_element(times.begin(), times.end())->count(),
              static_cast<unsigned long long>(lost));
}

void measure(unsigned rounds) {
  Bench warm("standby = \"1h\"");
  Bench cold("");
  std::vector<Milliseconds> warm_times;
  std::vector<Milliseconds> cold_times;
  std::uint64_t warm_lost = 0;
  std::uint64_t cold_lost = 0;
  const auto round = [](Bench& bench, std::vector<Milliseconds>& times, std::uint64_t& lost) {
    bench.begin_load();
    times.push_back(bench.roll_back());
    lost += bench.end_load();
  };
  for (unsigned i = 0; i < rounds; ++i) {
    round(warm, warm_times, warm_lost);
    round(cold, cold_times, cold_lost);
  }
  warm.stop();
  cold.stop();
  print("to a standby:", warm_times, warm_lost);
  print("to a release that starts:", cold_times, cold_lost);
}

}  // namespace
}  // namespace baton::testing

int main(int argc, char** argv) {
  return baton::testing::run_rounds(argc, argv, 20, baton::testing::measure);
}
