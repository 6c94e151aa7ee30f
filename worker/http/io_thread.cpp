#include "worker/http/io_thread.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace baton::http {

IoThread::IoThread(asio::thread_pool& pool, const Router& router, const Settings& settings,
                   Room& room)
    : work_(io_.get_executor()),
      state_(io_, pool, router, settings, room),
      drain_deadline_(io_),
      thread_([this] { io_.run(); }) {
  state_.on_closed = [this] {
    for (const auto& acceptor : acceptors_)
      acceptor->retry();
    look_whether_done();
  };
}

IoThread::~IoThread() {
  stop();
  thread_.join();
}

void IoThread::activate(std::vector<UniqueFd> listeners, std::function<void()> done) {
  asio::post(io_, [this, listeners = std::move(listeners), done = std::move(done)]() mutable {
    on_drained_ = nullptr;
    drain_deadline_.cancel();
    state_.draining = Draining::no;
    state_.give = nullptr;
    for (UniqueFd& listener : listeners)
      accept_from(std::move(listener));
    done();
  });
}

void IoThread::accept_from(UniqueFd listener) {
  const auto slot = std::make_shared<std::weak_ptr<Acceptor>>();
  auto acceptor = std::make_shared<Acceptor>(
      io_, std::move(listener), state_.settings.log,
      Acceptor::Callbacks{
          .on_connection = [this](UniqueFd socket) { serve({.socket = std::move(socket)}); },
          .on_stopped =
              [this, slot] {
                std::erase(acceptors_, slot->lock());
                look_whether_done();
              },
      });
  *slot = acceptor;
  acceptors_.push_back(acceptor);
  acceptor->start();
}

void IoThread::serve(LiveConnection connection) {
  const auto served = std::make_shared<Connection>(state_, std::move(connection));
  connections_.push_back(*served);
  served->start();
}

void IoThread::adopt(LiveConnection connection) {
  asio::post(
      io_, [this, connection = std::move(connection)]() mutable { serve(std::move(connection)); });
}

void IoThread::drain(DrainOrder order, std::function<void(DrainReport)> done) {
  asio::post(io_, [this, order, done = std::move(done)]() mutable {
    on_drained_ = std::move(done);
    begin_drain(order);
  });
}

void IoThread::begin_drain(DrainOrder order) {
  state_.draining = order.give ? Draining::handing_over : Draining::closing;
  state_.give = order.give;
  report_ = {};
  requests_before_ = state_.counters.requests.value();
  for (const auto& acceptor : acceptors_) {
    order.backlog == Backlog::serve ? acceptor->stop_when_empty() : acceptor->stop();
  }
  // What nobody has taken by then must have the time to be told to close.
  const Duration closing_time = order.give ? order.timeout / 4 : Duration{0};
  drain_deadline_.expires_after(order.timeout - closing_time);
  await_deadline(closing_time);
  look_whether_done();
}

void IoThread::await_deadline(Duration closing_time) {
  drain_deadline_.async_wait([this, closing_time](const boost::system::error_code& ec) {
    if (ec) return;
    if (closing_time == Duration{0}) return cut_all();
    state_.draining = Draining::closing;
    drain_deadline_.expires_after(closing_time);
    await_deadline(Duration{0});
  });
}

// Those that have been idle the longest go first: the others may be about to be used.
void IoThread::give_away() {
  asio::post(io_, [this] {
    if (!state_.give) return;
    state_.draining = Draining::handing_over;
    state_.idle_deadlines.each([this](Expiring& waiter) {
      auto& connection = static_cast<Connection&>(waiter);
      if (connection.leaving()) return true;
      if (!state_.room.take()) return false;
      connection.leave();
      return true;
    });
  });
}

void IoThread::keep() {
  asio::post(io_, [this] {
    if (state_.draining == Draining::handing_over) state_.draining = Draining::closing;
  });
}

void IoThread::cut() {
  asio::post(io_, [this] { cut_all(); });
}

void IoThread::cut_all() {
  for (const auto& acceptor : acceptors_)
    acceptor->stop();
  for (Connection& connection : connections_) {
    if (!connection.given()) {
      ++(connection.in_flight() ? report_.cut_requests : report_.closed_connections);
    }
    connection.cut();
  }
}

void IoThread::look_whether_done() {
  if (!connections_.empty() || !acceptors_.empty()) return;
  if (on_drained_) {
    drain_deadline_.cancel();
    report_.finished = state_.counters.requests.value() - requests_before_;
    std::exchange(on_drained_, nullptr)(report_);
  }
  // Nothing is left but timers.
  if (stopping_) io_.stop();
}

void IoThread::stop() {
  asio::post(io_, [this] {
    stopping_ = true;
    cut_all();
    look_whether_done();
  });
}

}  // namespace baton::http
