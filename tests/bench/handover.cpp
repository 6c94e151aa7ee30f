// What a deploy does to 10,000 connections that are mostly idle, two workers on either side, while
// a busy client goes on:
//
//   bench-handover [ROUNDS]
//
// A round is a SIGHUP. Prints how long after the cutover the last connection had its new owner,
// what the busy client saw meanwhile and before, and, once each of the connections has had its next
// request, how many were answered, by whom, and how many had been closed.
#include "common/open_files.hpp"
#include "common/unique_fd.hpp"
#include "tests/bench/measure.hpp"
#include "tests/support/batond.hpp"
#include "tests/support/site.hpp"
#include "tests/torture/run.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t crowd_size = 10'000;
constexpr std::string_view request = "GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n";

// Idle connections: a socket each, blocking.
class Crowd {
 public:
  explicit Crowd(std::uint16_t port) {
    for (std::size_t i = 0; i < crowd_size; ++i) {
      UniqueFd& client = clients_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const auto* raw = reinterpret_cast<const sockaddr*>(&address);
      if (::connect(client.get(), raw, sizeof(address)) != 0 || ask(client).empty()) {
        throw std::runtime_error("connection " + std::to_string(i) + " was not answered");
      }
    }
  }

  // Uses each of them once; how many answers came from which worker. "" are those that got none.
  std::map<std::string, unsigned> ask_all() const {
    std::map<std::string, unsigned> answers;
    for (const UniqueFd& client : clients_)
      ++answers[ask(client)];
    return answers;
  }

 private:
  // The value of X-Worker.
  static std::string ask(const UniqueFd& client) {
    constexpr std::string_view name = "X-Worker: ";
    std::array<char, 1024> answer;
    if (::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
    const ssize_t count = ::recv(client.get(), answer.data(), answer.size(), 0);
    const std::string_view text(answer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    const std::size_t begin = text.find(name);
    if (begin == text.npos || text.find("Connection: close") != text.npos) return {};
    const std::string_view rest = text.substr(begin + name.size());
    return std::string(rest.substr(0, rest.find('\r')));
  }

  std::vector<UniqueFd> clients_;
};

class Bench {
 public:
  Bench() {
    auto worker = reference_worker(site_);
    worker.insert(worker.end(), {"--idle-timeout", "10m"});
    site_.add_release("v1", worker);
    site_.use("v1");
    site_.services["app"].workers = 2;
    site_.write_config();
    batond_.emplace(site_);
    if (!batond_->wait_for("cut_over", 1)) throw std::runtime_error("batond does not come up");
  }

  std::uint16_t port() { return port_of(batond_->address("web")); }

  // From the cutover until the last connection has its new owner.
  std::chrono::milliseconds deploy() {
    const std::uint64_t old = generation_++;
    batond_->hang_up();
    const auto cut_over = batond_->wait_for("cut_over", generation_);
    const auto gone = batond_->wait_for("generation_gone", old);
    if (!cut_over || !gone) throw std::runtime_error("the deploy does not end");
    return between(*cut_over, *gone);
  }

  // A busy client for as long as `meanwhile` takes.
  template <class Meanwhile>
  torture::Report watch(Meanwhile meanwhile) {
    torture::BackgroundRun busy(busy_clients(batond_->address("web"), 16));
    while (busy.live().answered < 1'000)
      std::this_thread::yield();
    meanwhile();
    return busy.finish();
  }

  void stop() {
    if (batond_->stop() != 0) throw std::runtime_error("batond does not end well");
  }

 private:
  Site site_;
  std::optional<Batond> batond_;
  std::uint64_t generation_ = 1;
};

double milliseconds(std::chrono::microseconds time) {
  return Milliseconds(time).count();
}

void print_answers(const Crowd& crowd) {
  std::printf("  next request:");
  for (const auto& [worker, answers] : crowd.ask_all()) {
    std::printf(" %u %s", answers, worker.empty() ? "NOT ANSWERED" : ("by " + worker).c_str());
  }
  std::printf("\n");
}

void measure(unsigned rounds) {
  const auto files = raise_open_file_limit();
  if (!files || files->rlim_max < crowd_size + 100) {
    throw std::runtime_error("the limit of open files is low");
  }
  Bench bench;
  const Crowd crowd(bench.port());
  for (unsigned round = 0; round < rounds; ++round) {
    const auto before = bench.watch([] { std::this_thread::sleep_for(1s); });
    std::chrono::milliseconds took{0};
    const auto during = bench.watch([&] { took = bench.deploy(); });
    std::printf(
        "%zu connections, the last has its new owner %lld ms after the cutover\n"
        "  busy client: p99 %.1f ms before, %.1f ms in the deploy, longest %.1f ms; lost %llu\n",
        crowd_size, static_cast<long long>(took.count()), milliseconds(before.latency(0.99)),
        milliseconds(during.latency(0.99)), milliseconds(during.latency(1)),
        static_cast<unsigned long long>(during.lost_requests + during.lost_connections +
                                        during.close_answers));
    print_answers(crowd);
  }
  bench.stop();
}

}  // namespace
}  // namespace baton::testing

int main(int argc, char** argv) {
  return baton::testing::run_rounds(argc, argv, 3, baton::testing::measure);
}
