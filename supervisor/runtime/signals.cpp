#include "supervisor/runtime/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <unistd.h>

#include <csignal>
#include <utility>

namespace baton::runtime {

struct Signals::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& io, std::function<void(int)> callback)
      : set(io, SIGHUP, SIGINT, SIGTERM), on_signal(std::move(callback)) {
    set.add(SIGUSR1);
    set.add(SIGUSR2);
    if (::getpid() == 1) set.add(SIGCHLD);
  }

  void wait() {
    set.async_wait([weak = weak_from_this()](const boost::system::error_code& error, int number) {
      const auto state = weak.lock();
      if (!state || error) return;
      state->on_signal(number);
      state->wait();
    });
  }

  boost::asio::signal_set set;
  std::function<void(int)> on_signal;
};

Signals::Signals(boost::asio::io_context& io, std::function<void(int)> on_signal)
    : state_(std::make_shared<State>(io, std::move(on_signal))) {
  std::signal(SIGPIPE, SIG_IGN);
  state_->wait();
}

Signals::~Signals() = default;

}  // namespace baton::runtime
