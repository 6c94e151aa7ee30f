#include "worker/http/probe_door.hpp"

#include <utility>

namespace baton::http {

ProbeDoor::ProbeDoor(const ThreadState& thread, UniqueFd listener, std::function<void()> on_closed)
    : state_(thread.loop, thread.pool, thread.router, thread.settings, nobody_takes_) {
  state_.on_closed = [this, on_closed] {
    if (acceptor_) acceptor_->retry();
    if (closed()) on_closed();
  };
  acceptor_ = std::make_unique<Acceptor>(
      thread.loop, std::move(listener), thread.settings.log,
      Acceptor::Callbacks{.on_connection = [this](UniqueFd socket) { serve(std::move(socket)); },
                          .on_stopped =
                              [this, on_closed] {
                                acceptor_.reset();
                                if (closed()) on_closed();
                              }});
}

void ProbeDoor::serve(UniqueFd socket) {
  const auto served = std::make_shared<Connection>(state_, std::move(socket));
  connections_.push_back(*served);
  served->start();
}

void ProbeDoor::close() {
  if (acceptor_) acceptor_->close();
  for (Connection& connection : connections_)
    connection.cut();
}

}  // namespace baton::http
