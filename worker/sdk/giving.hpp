// The giving side of a handover: connections go to the takers, as good as the same number to each,
// and stay here until they are acknowledged. What is given between two looks at the channels goes
// out in one message. Each connection that is given is settled exactly once: taken, or back with
// its owner because its taker would not have it or is gone. One thread; a callback may give again.
#pragma once

#include "common/live_connection.hpp"
#include "common/result.hpp"
#include "worker/sdk/poll_set.hpp"
#include "worker/sdk/worker.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <vector>

namespace baton::sdk {

class Giving {
 public:
  struct Callbacks {
    std::function<void(std::size_t)> on_room;  // so many more may be given
    std::function<void()> on_no_taker;         // the last taker is gone
  };

  // The set is borrowed, and must outlive this.
  Giving(PollSet& poll_set, Callbacks callbacks)
      : poll_set_(poll_set), callbacks_(std::move(callbacks)) {}
  ~Giving();

  void add_taker(UniqueFd channel);
  bool has_takers() const { return !takers_.empty(); }
  // How many more may be given than was said before.
  std::size_t take_room();

  void give(LiveConnection connection, Settled settled);

  // Whether `fd` is the channel of a taker; if so, what has come on it is heard.
  bool hear(int fd);
  // Nothing is given any more. What is sent but not acknowledged is still waited for: until then it
  // may be the taker's.
  void stop();

  std::uint64_t taken() const { return taken_; }

 private:
  struct Pending {
    LiveConnection connection;
    Settled settled;
  };
  using Batch = std::vector<Pending>;
  struct Taker {
    UniqueFd channel;
    std::uint64_t given = 0;
    std::deque<Pending> waiting;  // until its channel can be written to
    std::deque<Batch> sent;       // messages without an answer, the oldest first
    std::size_t unanswered = 0;   // connections in those
    bool stopping = false;        // it gets no more, and goes once all its answers are there
  };
  using Place = std::list<Taker>::iterator;

  enum class Heard { nothing_more, more, gone };
  std::size_t room() const;
  std::size_t room_of(const Taker& taker) const;
  void tell_room();
  Heard hear_one(Place taker);
  Heard acknowledge(Place taker, std::uint64_t count);
  Heard give_no_more(Place taker, Batch kept);
  Heard send_waiting(Place taker);
  static Result<void> send_batch(Taker& taker);
  std::deque<Pending> stop(Taker& taker);
  void let_go(Place taker);

  PollSet& poll_set_;
  Callbacks callbacks_;
  std::list<Taker> takers_;
  std::size_t promised_ = 0;  // room that was told of, and is not used yet
  std::uint64_t taken_ = 0;
};

}  // namespace baton::sdk
