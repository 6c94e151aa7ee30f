#include "worker/http/io_thread.hpp"

#include <algorithm>
#include <utility>

namespace baton::http {

IoThread::IoThread(asio::thread_pool& pool, const Router& router, const Settings& settings,
                   Room& room)
    : state_(loop_, pool, router, settings, room),
      drain_deadline_(loop_, [this] { deadline_has_come(); }) {
  state_.on_closed = [this] {
    for (const OpenDoor& door : doors_)
      door.acceptor->retry();
    look_whether_done();
  };
}

void IoThread::activate(std::vector<Door> doors, std::function<void()> done) {
  loop_.post([this, doors = std::move(doors), done = std::move(done)]() mutable {
    on_drained_ = nullptr;
    drain_deadline_.cancel();
    state_.draining = Draining::no;
    state_.give = nullptr;
    for (OpenDoor& open : doors_) {
      const auto is_it = [&](const Door& door) { return door.number == open.number; };
      if (std::ranges::none_of(doors, is_it)) close_door(open);
    }
    for (Door& door : doors)
      accept_from(std::move(door));
    done();
  });
}

void IoThread::close_door(OpenDoor& door) {
  door.closing = true;
  door.acceptor->stop();
}

bool IoThread::accepts_from(std::size_t door) const {
  return std::ranges::any_of(
      doors_, [door](const OpenDoor& open) { return open.number == door && !open.closing; });
}

void IoThread::serve_probes(UniqueFd listener) {
  loop_.post([this, listener = std::move(listener)]() mutable {
    probes_ =
        std::make_unique<ProbeDoor>(state_, std::move(listener), [this] { look_whether_done(); });
  });
}

void IoThread::accept_from(Door door) {
  if (accepts_from(door.number)) return;
  const auto place = doors_.insert(doors_.end(), OpenDoor{.number = door.number, .acceptor = {}});
  place->acceptor = std::make_unique<Acceptor>(
      loop_, std::move(door.listener), state_.settings.log,
      Acceptor::Callbacks{
          .on_connection = [this](UniqueFd socket) { serve(std::move(socket)); },
          .on_stopped =
              [this, place] {
                doors_.erase(place);
                look_whether_done();
              },
      });
}

template <class Begun>
void IoThread::serve(Begun connection) {
  const auto served = std::make_shared<Connection>(state_, std::move(connection));
  connections_.push_back(*served);
  served->start();
}

void IoThread::adopt(LiveConnection connection) {
  loop_.post(
      [this, connection = std::move(connection)]() mutable { serve(std::move(connection)); });
}

void IoThread::drain(DrainOrder order, std::vector<Door> also,
                     std::function<void(DrainReport)> done) {
  loop_.post([this, order, also = std::move(also), done = std::move(done)]() mutable {
    on_drained_ = std::move(done);
    begin_drain(order, std::move(also));
  });
}

void IoThread::begin_drain(DrainOrder order, std::vector<Door> also) {
  state_.draining = order.give ? Draining::handing_over : Draining::closing;
  state_.give = order.give;
  for (Door& door : also)
    accept_from(std::move(door));
  report_ = {};
  requests_before_ = state_.counters.requests.value();
  for (OpenDoor& door : doors_) {
    if (door.closing) continue;
    door.closing = true;
    order.backlog == Backlog::serve ? door.acceptor->stop_when_empty() : door.acceptor->stop();
  }
  // What nobody has taken by then must have the time to be told to close.
  closing_time_ = order.give ? order.timeout / 4 : Duration{0};
  drain_deadline_.set(Clock::now() + order.timeout - closing_time_);
  look_whether_done();
}

void IoThread::deadline_has_come() {
  if (closing_time_ == Duration{0}) return cut_all();
  state_.draining = Draining::closing;
  drain_deadline_.set(Clock::now() + std::exchange(closing_time_, Duration{0}));
}

// Those that have been idle the longest go first: the others may be about to be used.
void IoThread::give_away() {
  loop_.post([this] {
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
  loop_.post([this] {
    if (state_.draining == Draining::handing_over) state_.draining = Draining::closing;
  });
}

void IoThread::cut() {
  loop_.post([this] { cut_all(); });
}

void IoThread::cut_all() {
  for (OpenDoor& door : doors_) {
    door.closing = true;
    door.acceptor->close();
  }
  for (Connection& connection : connections_) {
    if (!connection.given()) {
      ++(connection.in_flight() ? report_.cut_requests : report_.closed_connections);
    }
    connection.cut();
  }
}

void IoThread::look_whether_done() {
  if (!connections_.empty() || !doors_.empty()) return;
  if (on_drained_) {
    drain_deadline_.cancel();
    report_.finished = state_.counters.requests.value() - requests_before_;
    std::exchange(on_drained_, nullptr)(report_);
  }
  // Nothing is left but timers.
  if (stopping_ && (!probes_ || probes_->closed())) loop_.stop();
}

void IoThread::stop() {
  loop_.post([this] {
    stopping_ = true;
    cut_all();
    if (probes_) probes_->close();
    look_whether_done();
  });
}

}  // namespace baton::http
