#include "supervisor/runtime/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace baton::runtime {
namespace {

constexpr std::array handled{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};

void change_mask(int how) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : handled)
    sigaddset(&signals, number);
  ::pthread_sigmask(how, &signals, nullptr);
}

}  // namespace

void hold_signals() {
  change_mask(SIG_BLOCK);
}

struct Signals::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& io, std::function<void(int)> callback)
      : set(io), on_signal(std::move(callback)) {
    for (const int number : handled)
      set.add(number);
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
  change_mask(SIG_UNBLOCK);
}

Signals::~Signals() {
  hold_signals();
}

}  // namespace baton::runtime
