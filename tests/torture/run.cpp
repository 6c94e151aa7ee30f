#include "tests/torture/run.hpp"

#include "tests/torture/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <vector>

namespace baton::torture {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds sweep_interval{5};

class Crowd {
 public:
  Crowd(const Options& options, Live& live) : options_(options), account_(options_, live) {}

  Report run() {
    for (unsigned i = 0; i < options_.clients; ++i) {
      clients_.push_back(std::make_unique<Client>(context_.get_executor(), options_, account_));
      ++running_;
      asio::co_spawn(context_, clients_.back()->run(), [this](std::exception_ptr bug) {
        --running_;
        if (bug) std::rethrow_exception(bug);
      });
    }
    sweep();
    context_.run();
    return account_.finish();
  }

 private:
  void sweep() {
    timer_.expires_after(sweep_interval);
    timer_.async_wait([this](boost::system::error_code) {
      const auto now = Clock::now();
      for (const auto& client : clients_)
        client->enforce(now);
      if (running_ > 0) sweep();
    });
  }

  const Options options_;
  Account account_;
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  std::vector<std::unique_ptr<Client>> clients_;
  unsigned running_ = 0;
};

}  // namespace

Report run(const Options& options, Live& live) {
  return Crowd(options, live).run();
}

BackgroundRun::BackgroundRun(Options options)
    : thread_([this, options = std::move(options)] { report_ = run(options, live_); }) {}

BackgroundRun::~BackgroundRun() {
  live_.stop = true;
  if (thread_.joinable()) thread_.join();
}

Report BackgroundRun::finish() {
  live_.stop = true;
  return wait();
}

Report BackgroundRun::wait() {
  thread_.join();
  return std::move(report_);
}

}  // namespace baton::torture
