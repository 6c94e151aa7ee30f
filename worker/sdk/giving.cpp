#include "worker/sdk/giving.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

namespace baton::sdk {
namespace {

// So many more than the one that has the fewest: a fast taker must not get most of them.
constexpr std::uint64_t most_ahead = Taker::window;

void back_to_their_owner(std::vector<Taker::Pending> kept) {
  for (Taker::Pending& each : kept)
    each.settled(std::move(each.connection));
}

}  // namespace

Giving::~Giving() {
  for (const Taker& taker : takers_)
    poll_set_.remove(taker.fd());
  if (timer_) poll_set_.remove(timer_.get());
}

void Giving::add_taker(UniqueFd channel) {
  if (!poll_set_.add(channel.get())) return;  // as if there were none
  takers_.emplace_back(std::move(channel));
}

std::size_t Giving::room_of(const Taker& taker) const {
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const Taker& each : takers_) {
    if (!each.silent()) fewest = std::min(fewest, each.given());
  }
  const std::uint64_t ahead = taker.given() - std::min(fewest, taker.given());
  return std::min<std::uint64_t>(taker.room(), most_ahead - std::min(most_ahead, ahead));
}

std::size_t Giving::room() const {
  std::size_t sum = 0;
  for (const Taker& taker : takers_)
    sum += room_of(taker);
  return sum;
}

std::size_t Giving::take_room() {
  const std::size_t now = room();
  return now > promised_ ? now - std::exchange(promised_, now) : 0;
}

void Giving::tell_room() {
  if (const std::size_t more = take_room(); more > 0) callbacks_.on_room(more);
}

void Giving::give(LiveConnection connection, Settled settled) {
  promised_ -= std::min<std::size_t>(promised_, 1);
  Taker* chosen = nullptr;
  for (Taker& taker : takers_) {
    if (room_of(taker) == 0) continue;
    if (!chosen || taker.given() < chosen->given()) chosen = &taker;
  }
  if (!chosen || !Taker::fits(connection)) return settled(std::move(connection));
  if (!chosen->has_waiting()) poll_set_.watch_writable(chosen->fd(), true);
  chosen->give({std::move(connection), std::move(settled)});
}

bool Giving::hear(int fd) {
  if (timer_ && fd == timer_.get()) {
    hear_timer();
    return true;
  }
  const auto taker =
      std::ranges::find_if(takers_, [fd](const Taker& each) { return each.fd() == fd; });
  if (taker == takers_.end()) return false;
  Heard heard = Heard::more;
  while (heard == Heard::more)
    heard = hear_one(taker);
  if (heard == Heard::nothing_more) heard = send_waiting(taker);
  if (heard == Heard::gone) let_go(taker);
  return true;
}

Giving::Heard Giving::hear_one(Place taker) {
  auto answer = taker->hear();
  if (answer) return settle(taker, std::move(*answer));
  return answer.error().code == Errc::would_block ? Heard::nothing_more : Heard::gone;
}

Giving::Heard Giving::settle(Place taker, Taker::Answer answer) {
  taken_ += answer.taken.size();
  for (Taker::Pending& each : answer.taken) {
    each.connection.socket.reset();
    each.settled(std::nullopt);
  }
  if (!answer.refused.empty() || taker->stopping()) {
    return give_no_more(taker, std::move(answer.refused));
  }
  tell_room();
  return Heard::more;
}

// Nor is what it has been sent settled before it has answered: it may be its own by now.
Giving::Heard Giving::give_no_more(Place taker, std::vector<Taker::Pending> kept) {
  std::ranges::move(taker->stop(), std::back_inserter(kept));
  poll_set_.watch_writable(taker->fd(), false);
  back_to_their_owner(std::move(kept));
  return taker->has_unanswered() ? Heard::more : Heard::gone;
}

Giving::Heard Giving::send_waiting(Place taker) {
  if (!taker->has_waiting()) return Heard::nothing_more;
  const auto sent = taker->send(Taker::Clock::now());
  watch_the_time();
  if (!sent && sent.error().code == Errc::would_block) return Heard::nothing_more;
  if (!sent) return give_no_more(taker, {});
  poll_set_.watch_writable(taker->fd(), false);
  return Heard::nothing_more;
}

void Giving::let_go(Place taker) {
  Taker gone = std::move(*taker);
  poll_set_.remove(gone.fd());
  takers_.erase(taker);
  back_to_their_owner(gone.take_all());
  if (takers_.empty()) {
    promised_ = 0;
    callbacks_.on_no_taker();
  } else {
    tell_room();
  }
}

void Giving::stop() {
  std::vector<Taker::Pending> kept;
  for (auto taker = takers_.begin(); taker != takers_.end();) {
    std::ranges::move(taker->stop(), std::back_inserter(kept));
    poll_set_.watch_writable(taker->fd(), false);
    const auto next = std::next(taker);
    if (!taker->has_unanswered()) let_go(taker);
    taker = next;
  }
  back_to_their_owner(std::move(kept));
}

// ---- a taker that does not answer

// Without a free fd for it nothing is taken back, and a taker's death is waited for.
void Giving::watch_the_time() {
  const bool wanted = std::ranges::any_of(takers_, &Taker::has_claimable);
  if (!wanted || timer_is_set_) return;
  if (!timer_) {
    UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!timer || !poll_set_.add(timer.get())) return;
    timer_ = std::move(timer);
  }
  const auto whole = std::chrono::floor<std::chrono::seconds>(patience_);
  const itimerspec once{
      .it_interval = {},
      .it_value = {.tv_sec = whole.count(),
                   .tv_nsec = std::chrono::nanoseconds(patience_ - whole).count()}};
  timer_is_set_ = ::timerfd_settime(timer_.get(), 0, &once, nullptr) == 0;
}

void Giving::hear_timer() {
  std::uint64_t times = 0;
  if (::read(timer_.get(), &times, sizeof(times)) != sizeof(times)) return;
  timer_is_set_ = false;
  const auto before = Taker::Clock::now() - patience_;
  std::vector<Taker::Pending> back;
  for (Taker& taker : takers_)
    std::ranges::move(taker.take_back(before), std::back_inserter(back));
  if (!back.empty()) patience_ *= 2;
  watch_the_time();
  if (back.empty()) return;
  back_to_their_owner(std::move(back));
  tell_room();
}

}  // namespace baton::sdk
