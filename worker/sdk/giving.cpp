#include "worker/sdk/giving.hpp"

#include "common/ipc/message_channel.hpp"
#include "common/protocol/handover.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::sdk {
namespace {

// With a taker at a time, sent or waiting to be: who waits is served by nobody meanwhile.
constexpr std::size_t window = ipc::max_message_fds;
// So many more than the one that has the fewest: a fast taker must not get most of them.
constexpr std::uint64_t most_ahead = window;
constexpr std::size_t bytes_around_the_list = 64;

protocol::HandedOver describe(const LiveConnection& connection) {
  return {.received = connection.received,
          .requests = connection.requests,
          .idle_left = std::max(connection.idle_left, Duration::zero())};
}

}  // namespace

Giving::~Giving() {
  for (const Taker& taker : takers_)
    poll_set_.remove(taker.channel.get());
}

void Giving::add_taker(UniqueFd channel) {
  if (!poll_set_.add(channel.get())) return;  // as if there were none
  takers_.emplace_back().channel = std::move(channel);
}

std::size_t Giving::room_of(const Taker& taker) const {
  if (taker.stopping) return 0;
  const std::uint64_t ahead =
      taker.given - std::ranges::min_element(takers_, {}, &Taker::given)->given;
  const std::size_t with_it = taker.waiting.size() + taker.sent.size();
  return std::min(window - std::min(window, with_it), most_ahead - std::min(most_ahead, ahead));
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
    if (!chosen || taker.given < chosen->given) chosen = &taker;
  }
  if (!chosen) return settled(std::move(connection));
  ++chosen->given;
  chosen->waiting.push_back({std::move(connection), std::move(settled)});
  if (!chosen->sent.empty() || send_batch(*chosen)) return;
  let_go(std::find_if(takers_.begin(), takers_.end(),
                      [chosen](const Taker& each) { return &each == chosen; }));
}

bool Giving::send_batch(Taker& taker) {
  protocol::Connections message;
  std::vector<int> sockets;
  std::size_t bytes = bytes_around_the_list;
  while (!taker.waiting.empty() && sockets.size() < ipc::max_message_fds) {
    Pending& next = taker.waiting.front();
    auto description = describe(next.connection);
    const std::size_t size = protocol::encoded_size(description);
    if (bytes_around_the_list + size > ipc::max_message_bytes) {  // more than any message can hold
      next.settled(std::move(next.connection));
      taker.waiting.pop_front();
      continue;
    }
    if (bytes + size > ipc::max_message_bytes) break;
    bytes += size;
    sockets.push_back(next.connection.socket.get());
    message.connections.push_back(std::move(description));
    taker.sent.push_back(std::move(next));
    taker.waiting.pop_front();
  }
  return sockets.empty() || ipc::send(taker.channel, protocol::encode(message), sockets);
}

bool Giving::hear(int fd) {
  const auto taker = std::find_if(takers_.begin(), takers_.end(),
                                  [fd](const Taker& each) { return each.channel.get() == fd; });
  if (taker == takers_.end()) return false;
  Heard heard = Heard::more;
  while (heard == Heard::more)
    heard = hear_one(taker);
  if (heard == Heard::gone) let_go(taker);
  return true;
}

Giving::Heard Giving::hear_one(Place taker) {
  const auto message = ipc::receive(taker->channel);
  if (!message) {
    return message.error().code == Errc::would_block ? Heard::nothing_more : Heard::gone;
  }
  const auto answer = protocol::decode_taken(message->bytes);
  if (!answer || answer->count > taker->sent.size()) return Heard::gone;
  return acknowledge(taker, answer->count);
}

Giving::Heard Giving::acknowledge(Place taker, std::uint64_t count) {
  auto sent = std::exchange(taker->sent, {});
  const auto first_kept = sent.begin() + static_cast<std::ptrdiff_t>(count);
  taken_ += count;
  for (auto each = sent.begin(); each != first_kept; ++each) {
    each->connection.socket.reset();
    each->settled(std::nullopt);
  }
  if (first_kept != sent.end()) {  // it has no more room
    std::move(first_kept, sent.end(), std::back_inserter(taker->sent));
    return Heard::gone;
  }
  if (taker->stopping || !send_batch(*taker)) return Heard::gone;
  tell_room();
  return Heard::more;
}

void Giving::let_go(Place taker) {
  Taker gone = std::move(*taker);
  poll_set_.remove(gone.channel.get());
  takers_.erase(taker);
  for (Pending& each : gone.sent)
    each.settled(std::move(each.connection));
  for (Pending& each : gone.waiting)
    each.settled(std::move(each.connection));
  if (takers_.empty()) {
    promised_ = 0;
    callbacks_.on_no_taker();
  } else {
    tell_room();
  }
}

void Giving::stop() {
  std::deque<Pending> kept;
  for (auto taker = takers_.begin(); taker != takers_.end();) {
    std::move(taker->waiting.begin(), taker->waiting.end(), std::back_inserter(kept));
    taker->waiting.clear();
    taker->stopping = true;
    const auto next = std::next(taker);
    if (taker->sent.empty()) let_go(taker);
    taker = next;
  }
  for (Pending& each : kept)
    each.settled(std::move(each.connection));
}

}  // namespace baton::sdk
