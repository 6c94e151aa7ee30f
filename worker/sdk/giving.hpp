// The giving side of a handover: connections go to the takers, as good as the same number to each,
// and stay here until they are acknowledged. What is given between two looks at the channels goes
// out in one message. Each connection that is given is settled exactly once: taken, or back with
// its owner because its taker would not have it, is gone, or has been silent for too long. One
// thread; a callback may give again.
#pragma once

#include "common/live_connection.hpp"
#include "common/unique_fd.hpp"
#include "worker/sdk/poll_set.hpp"
#include "worker/sdk/taker.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <vector>

namespace baton::sdk {

class Giving {
 public:
  struct Callbacks {
    std::function<void(std::size_t)> on_room;  // so many more may be given
    std::function<void()> on_no_taker;         // the last taker is gone
  };

  // So long a connection may be on its way before it is taken back: its client waits meanwhile.
  // Each time it doubles, so that takers which are merely slow get theirs in the end.
  static constexpr std::chrono::milliseconds first_patience{200};

  // The set is borrowed, and must outlive this.
  Giving(PollSet& poll_set, Callbacks callbacks,
         std::chrono::milliseconds patience = first_patience)
      : poll_set_(poll_set), callbacks_(std::move(callbacks)), patience_(patience) {}
  ~Giving();

  void add_taker(UniqueFd channel);
  bool has_takers() const { return !takers_.empty(); }
  // How many more may be given than was said before.
  std::size_t take_room();

  void give(LiveConnection connection, Settled settled);

  // Whether `fd` is ours, a taker's channel or the timer; if so, what has come on it is heard.
  bool hear(int fd);
  // Nothing is given any more. What is sent but not acknowledged is still waited for: until then it
  // may be the taker's.
  void stop();

  std::uint64_t taken() const { return taken_; }

 private:
  using Place = std::list<Taker>::iterator;
  enum class Heard { nothing_more, more, gone };

  std::size_t room() const;
  std::size_t room_of(const Taker& taker) const;
  void tell_room();
  Heard hear_one(Place taker);
  Heard settle(Place taker, Taker::Answer answer);
  Heard give_no_more(Place taker, std::vector<Taker::Pending> kept);
  Heard send_waiting(Place taker);
  void let_go(Place taker);
  void watch_the_time();
  void hear_timer();

  PollSet& poll_set_;
  Callbacks callbacks_;
  std::chrono::milliseconds patience_;
  std::list<Taker> takers_;
  UniqueFd timer_;  // from the first message on
  bool timer_is_set_ = false;
  std::size_t promised_ = 0;  // room that was told of, and is not used yet
  std::uint64_t taken_ = 0;
};

}  // namespace baton::sdk
