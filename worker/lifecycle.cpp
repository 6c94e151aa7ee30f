#include "worker/lifecycle.hpp"

#include "worker/http/loop.hpp"
#include "worker/sdk/worker.hpp"
#include "worker/stop_signals.hpp"

#include <functional>
#include <utility>

namespace baton::worker {
namespace {

class Lifecycle {
 public:
  // `on_signal` is the drain that a first signal begins.
  Lifecycle(http::Server& server, http::DrainOrder on_signal)
      : server_(server), on_signal_(on_signal), watch_(server.loop(), signals_.fd(), [this] {
          if (signals_.take()) obey_signal();
        }) {}

  Result<void> activate(const http::WantsLane& wants, std::function<void()> accepting) {
    phase_ = Phase::accepting;
    return server_.activate(wants, std::move(accepting));
  }

  void drain(http::DrainOrder order, std::function<void()> then) {
    phase_ = Phase::draining;
    // An activation may have come between, and with it perhaps another drain.
    const auto number = ++drains_;
    server_.drain(std::move(order), [this, number, then = std::move(then)](auto report) {
      if (number != drains_ || phase_ != Phase::draining) return;
      phase_ = Phase::drained;
      report_ = report;
      then();
      if (exiting_) end();
    });
  }

  // What is in flight now is cut.
  void end() {
    if (phase_ == Phase::ended) return;
    if (phase_ != Phase::drained) report_.cut_requests += server_.progress().in_flight;
    phase_ = Phase::ended;
    server_.stop();
  }
  bool is_accepting() const { return phase_ == Phase::accepting; }
  bool has_ended() const { return phase_ == Phase::ended; }

  const http::DrainReport& report() const { return report_; }

 private:
  enum class Phase { warm, accepting, draining, drained, ended };

  void obey_signal() {
    exiting_ = true;
    switch (phase_) {
      case Phase::warm:
      case Phase::drained:
        return end();
      case Phase::accepting:
        return drain(on_signal_, [] {});
      case Phase::draining:
        return server_.cut();
      case Phase::ended:
        return;
    }
  }

  http::Server& server_;
  const http::DrainOrder on_signal_;
  StopSignals signals_;
  http::ReadableWatch watch_;
  Phase phase_ = Phase::warm;
  std::uint64_t drains_ = 0;
  bool exiting_ = false;  // once drained
  http::DrainReport report_;
};

// Dispatches what the supervisor says.
class Channel {
 public:
  Channel(http::Loop& loop, sdk::Worker& baton, const Lifecycle& life)
      : watch_(loop, baton.fd(), [this, &baton, &life] {
          if (life.has_ended() || baton.dispatch() != sdk::Worker::Channel::open) watch_.stop();
        }) {}

 private:
  http::ReadableWatch watch_;
};

http::DrainOrder to_engine(const sdk::DrainOrder& order, http::Give give) {
  return {
      .timeout = order.timeout,
      .backlog = order.backlog == sdk::Backlog::serve ? http::Backlog::serve : http::Backlog::leave,
      .give = order.handover ? std::move(give) : nullptr};
}

// From the engine's threads to the SDK's, which is the first of them.
http::Give give_to(http::Loop& loop, sdk::Worker& baton) {
  return [&](LiveConnection connection, Settled settled) {
    loop.dispatch(
        [&baton, connection = std::move(connection), settled = std::move(settled)]() mutable {
          baton.hand_over(std::move(connection), std::move(settled));
        });
  };
}

}  // namespace

http::DrainReport run_alone(http::Server& server, Duration shutdown_timeout) {
  // Nobody will serve what waits in the queues after this process.
  Lifecycle life(server, {.timeout = shutdown_timeout, .backlog = http::Backlog::serve});
  life.activate([](unsigned) { return true; }, [] {}).value();
  server.run();
  return life.report();
}

http::DrainReport run_supervised(http::Server& server, sdk::Worker& baton,
                                 Duration shutdown_timeout) {
  Lifecycle life(server, {.timeout = shutdown_timeout, .backlog = http::Backlog::leave});
  baton.handle({
      .on_activate =
          [&] {
            const auto begun =
                life.activate([&](unsigned lane) { return baton.accepts_from(lane); },
                              [&] {
                                if (life.is_accepting())
                                  baton.accepting();  // not told to drain meanwhile
                              });
            if (!begun) baton.failed(begun.error().message);
          },
      .on_drain =
          [&](sdk::DrainOrder order) {
            life.drain(to_engine(order, give_to(server.loop(), baton)), [&] {
              baton.drained(
                  {.finished = life.report().finished, .cut_off = life.report().cut_requests});
            });
          },
      .on_stop = [&] { life.end(); },
      .on_progress =
          [&] {
            const http::Progress now = server.progress();
            return sdk::Progress{now.connections, now.in_flight, now.requests, now.errors};
          },
      .on_give = [&](std::size_t room) { server.give(room); },
      .on_no_taker = [&] { server.keep(); },
      .on_adopt = [&](LiveConnection connection) { server.adopt(std::move(connection)); },
  });
  const Channel channel(server.loop(), baton, life);
  baton.ready();
  server.run();
  return life.report();
}

}  // namespace baton::worker
