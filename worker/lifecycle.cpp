#include "worker/lifecycle.hpp"

#include "worker/sdk/worker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <functional>
#include <utility>

namespace baton::worker {
namespace {

namespace asio = boost::asio;

class Lifecycle {
 public:
  // `on_signal` is the drain that a first signal begins.
  Lifecycle(http::Server& server, http::DrainOrder on_signal)
      : server_(server), on_signal_(on_signal), signals_(loop_, SIGTERM, SIGINT) {
    wait_for_signal();
  }

  asio::io_context& loop() { return loop_; }

  Result<void> activate(const http::WantsLane& wants) {
    auto accepting = server_.activate(wants);
    if (accepting) phase_ = Phase::accepting;
    return accepting;
  }

  // `then` is called on the main thread.
  void drain(http::DrainOrder order, std::function<void()> then) {
    phase_ = Phase::draining;
    // An activation may have come between, and with it perhaps another drain.
    const auto number = ++drains_;
    server_.drain(order, [this, number, then = std::move(then)](http::DrainReport report) {
      asio::post(loop_, [this, number, then, report] {
        if (number != drains_ || phase_ != Phase::draining) return;
        phase_ = Phase::drained;
        report_ = report;
        then();
        if (exiting_) loop_.stop();
      });
    });
  }

  http::DrainReport run() {
    loop_.run();
    // Told to exit without a drain, or in one: what is in flight now is about to be cut.
    if (phase_ != Phase::drained) report_.cut_requests += server_.progress().in_flight;
    return report_;
  }

  const http::DrainReport& report() const { return report_; }

 private:
  enum class Phase { warm, accepting, draining, drained };

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& ec, int) {
      if (ec) return;
      obey_signal();
      wait_for_signal();
    });
  }

  void obey_signal() {
    exiting_ = true;
    switch (phase_) {
      case Phase::warm:
      case Phase::drained:
        return loop_.stop();
      case Phase::accepting:
        return drain(on_signal_, [] {});
      case Phase::draining:
        return server_.cut();
    }
  }

  asio::io_context loop_{1};
  http::Server& server_;
  const http::DrainOrder on_signal_;
  asio::signal_set signals_;
  Phase phase_ = Phase::warm;
  std::uint64_t drains_ = 0;
  bool exiting_ = false;  // once drained
  http::DrainReport report_;
};

// Dispatches what the supervisor says, on the main thread's loop.
class Channel {
 public:
  Channel(asio::io_context& loop, sdk::Worker& baton) : baton_(baton), fd_(loop, baton.fd()) {
    wait();
  }
  // The fd stays the SDK's.
  ~Channel() { fd_.release(); }

 private:
  void wait() {
    fd_.async_wait(asio::posix::stream_descriptor::wait_read,
                   [this](const boost::system::error_code& ec) {
                     if (ec) return;
                     if (baton_.dispatch() == sdk::Worker::Channel::open) wait();
                   });
  }

  sdk::Worker& baton_;
  asio::posix::stream_descriptor fd_;
};

http::DrainOrder to_engine(const sdk::DrainOrder& order, http::Give give) {
  return {
      .timeout = order.timeout,
      .backlog = order.backlog == sdk::Backlog::serve ? http::Backlog::serve : http::Backlog::leave,
      .give = order.handover ? std::move(give) : nullptr};
}

// From the engine's threads to the SDK's, which is the main one.
http::Give give_to(asio::io_context& loop, sdk::Worker& baton) {
  return [&](LiveConnection connection, http::Settled settled) {
    asio::post(
        loop, [&baton, connection = std::move(connection), settled = std::move(settled)]() mutable {
          baton.hand_over(std::move(connection), std::move(settled));
        });
  };
}

}  // namespace

http::DrainReport run_alone(http::Server& server, Duration shutdown_timeout) {
  // Nobody will serve what waits in the queues after this process.
  Lifecycle life(server, {.timeout = shutdown_timeout, .backlog = http::Backlog::serve});
  life.activate([](unsigned) { return true; }).value();
  return life.run();
}

http::DrainReport run_supervised(http::Server& server, sdk::Worker& baton,
                                 Duration shutdown_timeout) {
  Lifecycle life(server, {.timeout = shutdown_timeout, .backlog = http::Backlog::leave});
  baton.handle({
      .on_activate =
          [&] {
            const auto accepting =
                life.activate([&](unsigned lane) { return baton.accepts_from(lane); });
            accepting ? baton.accepting() : baton.failed(accepting.error().message);
          },
      .on_drain =
          [&](sdk::DrainOrder order) {
            life.drain(to_engine(order, give_to(life.loop(), baton)), [&] {
              baton.drained(
                  {.finished = life.report().finished, .cut_off = life.report().cut_requests});
            });
          },
      .on_stop = [&] { life.loop().stop(); },
      .on_progress =
          [&] {
            const http::Progress now = server.progress();
            return sdk::Progress{now.connections, now.in_flight, now.requests, now.errors};
          },
      .on_give = [&](std::size_t room) { server.give(room); },
      .on_no_taker = [&] { server.keep(); },
      .on_adopt = [&](LiveConnection connection) { server.adopt(std::move(connection)); },
  });
  const Channel channel(life.loop(), baton);
  baton.ready();
  return life.run();
}

}  // namespace baton::worker
