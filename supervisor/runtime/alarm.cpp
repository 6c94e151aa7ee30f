#include "supervisor/runtime/alarm.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <utility>

namespace baton::runtime {

struct Alarm::State {
  explicit State(boost::asio::io_context& io) : timer(io) {}

  boost::asio::steady_timer timer;
  std::function<void()> callback;
  std::uint64_t setting = 0;  // tells an expiry that was already queued from the one that counts
};

Alarm::Alarm(boost::asio::io_context& io) : state_(std::make_shared<State>(io)) {}

Alarm::~Alarm() = default;

void Alarm::set(std::chrono::steady_clock::time_point when, std::function<void()> callback) {
  const std::uint64_t setting = ++state_->setting;
  state_->callback = std::move(callback);
  state_->timer.expires_at(when);
  state_->timer.async_wait(
      [weak = std::weak_ptr(state_), setting](const boost::system::error_code&) {
        const auto state = weak.lock();
        if (!state || state->setting != setting) return;
        if (const auto call = std::exchange(state->callback, nullptr)) call();
      });
}

void Alarm::clear() {
  ++state_->setting;
  state_->callback = nullptr;
  state_->timer.cancel();
}

}  // namespace baton::runtime
