// The taking side of a handover: connections come from each giver, and are claimed and acknowledged
// before anybody reads from them. What can't be taken (no free file descriptor, a message that
// makes no sense, a giver that has taken it back) is refused, and stays with the giver. One thread.
#pragma once

#include "common/live_connection.hpp"
#include "worker/sdk/poll_set.hpp"

#include <functional>
#include <vector>

namespace baton::sdk {

class Taking {
 public:
  // Both are borrowed, and must outlive this. Without an `on_adopt` everything is refused.
  Taking(PollSet& poll_set, const std::function<void(LiveConnection)>& on_adopt)
      : poll_set_(poll_set), on_adopt_(on_adopt) {}
  ~Taking();

  void add_giver(UniqueFd channel);
  bool has_givers() const { return !givers_.empty(); }

  // Whether `fd` is the channel of a giver; if so, what has come on it is taken.
  bool hear(int fd);

 private:
  enum class Heard { nothing_more, more, gone };
  Heard hear_one(const UniqueFd& giver);
  bool answer(const UniqueFd& giver, std::size_t count);

  PollSet& poll_set_;
  const std::function<void(LiveConnection)>& on_adopt_;
  std::vector<UniqueFd> givers_;
};

}  // namespace baton::sdk
