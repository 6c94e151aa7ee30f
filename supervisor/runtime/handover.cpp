#include "supervisor/runtime/handover.hpp"

#include "common/ipc/message_channel.hpp"
#include "supervisor/runtime/worker.hpp"

#include <algorithm>
#include <array>

namespace baton::runtime {
namespace {

// Enough to spread the connections of a giver; each pair costs both of them an fd.
constexpr std::size_t most_takers = 8;

}  // namespace

void connect_for_handover(Worker& giver, std::vector<Worker*> takers, std::uint64_t turn) {
  std::erase_if(takers, [](const Worker* each) { return !each || !each->can_hand_over(); });
  if (takers.empty() || !giver.can_hand_over()) return;
  const auto first = static_cast<std::ptrdiff_t>(turn % takers.size());
  std::rotate(takers.begin(), takers.begin() + first, takers.end());
  if (takers.size() > most_takers) takers.resize(most_takers);

  std::vector<UniqueFd> ends;
  std::vector<int> numbers;
  for (Worker* const taker : takers) {
    auto channel = ipc::make_channel();
    if (!channel) break;  // for want of fds: as many as there are
    const std::array theirs{channel->second.get()};
    taker->tell(protocol::Adopt{}, theirs);
    numbers.push_back(channel->first.get());
    ends.push_back(std::move(channel->first));
  }
  if (!ends.empty()) giver.tell(protocol::HandOver{}, numbers);
}

}  // namespace baton::runtime
