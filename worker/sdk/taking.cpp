#include "worker/sdk/taking.hpp"

#include "common/ipc/claim.hpp"
#include "common/ipc/message_channel.hpp"
#include "common/protocol/handover.hpp"

#include <algorithm>
#include <utility>

namespace baton::sdk {

Taking::~Taking() {
  for (const UniqueFd& giver : givers_)
    poll_set_.remove(giver.get());
}

void Taking::add_giver(UniqueFd channel) {
  if (!poll_set_.add(channel.get())) return;  // its end tells the giver that nobody takes
  givers_.push_back(std::move(channel));
}

bool Taking::hear(int fd) {
  const auto giver = std::find_if(givers_.begin(), givers_.end(),
                                  [fd](const UniqueFd& each) { return each.get() == fd; });
  if (giver == givers_.end()) return false;
  Heard heard = Heard::more;
  while (heard == Heard::more)
    heard = hear_one(*giver);
  if (heard == Heard::gone) {
    poll_set_.remove(fd);
    givers_.erase(giver);
  }
  return true;
}

Taking::Heard Taking::hear_one(const UniqueFd& giver) {
  auto message = ipc::receive(giver);
  if (!message) {
    if (message.error().code == Errc::would_block) return Heard::nothing_more;
    if (message.error().code != Errc::too_large) return Heard::gone;
    return answer(giver, 0) ? Heard::more : Heard::gone;  // not all of the sockets found a place
  }
  auto decoded = protocol::decode_connections(message->bytes);
  const bool is_good =
      decoded && decoded->connections.size() + 1 == message->fds.size() && on_adopt_;
  const bool is_ours = is_good && ipc::take_claim(message->fds.back());
  const std::size_t count = is_ours ? decoded->connections.size() : 0;
  if (!answer(giver, count)) return Heard::gone;
  for (std::size_t i = 0; i < count; ++i) {
    protocol::HandedOver& each = decoded->connections[i];
    on_adopt_({.socket = std::move(message->fds[i]),
               .received = std::move(each.received),
               .requests = each.requests,
               .idle_left = each.idle_left});
  }
  return Heard::more;
}

// True: what was promised holds. A giver that has ended has left us what it had sent.
bool Taking::answer(const UniqueFd& giver, std::size_t count) {
  const auto sent = ipc::send(giver, protocol::encode(protocol::Taken{count}));
  return sent || sent.error().code == Errc::closed;
}

}  // namespace baton::sdk
