// One taker as its giver sees it: the channel to it, the connections that wait to be sent, and
// those that are on their way. What is on its way is the giver's until the taker has answered; a
// claim (common/ipc/claim.hpp) rides along, so that the giver can also have it back from a taker
// that does not answer. One thread. Knows nothing of other takers: that is Giving's.
#pragma once

#include "common/live_connection.hpp"
#include "common/protocol/handover.hpp"
#include "common/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace baton::sdk {

class Taker {
 public:
  using Clock = std::chrono::steady_clock;

  struct Pending {
    LiveConnection connection;
    Settled settled;
  };
  // What the answer to one message settles.
  struct Answer {
    std::vector<Pending> taken;
    std::vector<Pending> refused;
  };

  // With it at a time, sent or waiting to be: who waits is served by nobody meanwhile.
  static constexpr std::size_t window = protocol::most_connections;

  // Whether one message can hold it.
  static bool fits(const LiveConnection& connection);

  explicit Taker(UniqueFd channel) : channel_(std::move(channel)) {}

  int fd() const { return channel_.get(); }
  // All that it was given and has not given back.
  std::uint64_t given() const { return given_; }
  // It gets no more: it has refused one, or the giver has stopped.
  bool stopping() const { return stopping_; }
  // Something was taken back from it that it has not answered yet.
  bool silent() const;
  // So many more may be given; 0 while it is silent, and once it is stopping.
  std::size_t room() const;
  bool has_waiting() const { return !waiting_.empty(); }
  bool has_unanswered() const { return !sent_.empty(); }

  void give(Pending pending);
  // As much as the channel takes. Errc::would_block: the rest later.
  Result<void> send(Clock::time_point now);
  // One answer. Errc::would_block: there is none yet; Errc::invalid_input: nonsense; Errc::closed.
  Result<Answer> hear();

  // What it has been sent before `before` and has not claimed: ours again, for good.
  std::vector<Pending> take_back(Clock::time_point before);
  // Whether take_back() may find something later.
  bool has_claimable() const;

  // What was never sent.
  std::vector<Pending> stop();
  // It is gone, without having touched any of these.
  std::vector<Pending> take_all();

 private:
  // One message. Without a claim it is the taker's to answer; empty, it was taken back.
  struct Batch {
    std::vector<Pending> connections;
    UniqueFd claim;
    Clock::time_point sent_at;
  };

  Result<void> send_one(Clock::time_point now);

  UniqueFd channel_;
  std::uint64_t given_ = 0;
  std::deque<Pending> waiting_;
  std::deque<Batch> sent_;      // the oldest first, as the answers come
  std::size_t unanswered_ = 0;  // connections in those
  bool stopping_ = false;
};

}  // namespace baton::sdk
