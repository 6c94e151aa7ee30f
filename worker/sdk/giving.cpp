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
  const std::size_t with_it = taker.waiting.size() + taker.unanswered;
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
  const std::size_t size = bytes_around_the_list + protocol::encoded_size(describe(connection));
  Taker* chosen = nullptr;
  for (Taker& taker : takers_) {
    if (room_of(taker) == 0) continue;
    if (!chosen || taker.given < chosen->given) chosen = &taker;
  }
  if (!chosen || size > ipc::max_message_bytes) return settled(std::move(connection));
  ++chosen->given;
  if (chosen->waiting.empty()) poll_set_.watch_writable(chosen->channel.get(), true);
  chosen->waiting.push_back({std::move(connection), std::move(settled)});
}

Giving::Heard Giving::send_waiting(Place taker) {
  if (taker->waiting.empty()) return Heard::nothing_more;
  while (!taker->waiting.empty()) {
    const auto sent = send_batch(*taker);
    if (!sent && sent.error().code == Errc::would_block) return Heard::nothing_more;
    if (!sent) return give_no_more(taker, {});
  }
  poll_set_.watch_writable(taker->channel.get(), false);
  return Heard::nothing_more;
}

Result<void> Giving::send_batch(Taker& taker) {
  protocol::Connections message;
  std::vector<int> sockets;
  std::size_t bytes = bytes_around_the_list;
  for (const Pending& next : taker.waiting) {
    auto description = describe(next.connection);
    bytes += protocol::encoded_size(description);
    if (bytes > ipc::max_message_bytes || sockets.size() == ipc::max_message_fds) break;
    sockets.push_back(next.connection.socket.get());
    message.connections.push_back(std::move(description));
  }
  if (auto sent = ipc::send(taker.channel, protocol::encode(message), sockets); !sent) return sent;
  const auto end = taker.waiting.begin() + static_cast<std::ptrdiff_t>(sockets.size());
  taker.sent.emplace_back(std::move_iterator(taker.waiting.begin()), std::move_iterator(end));
  taker.waiting.erase(taker.waiting.begin(), end);
  taker.unanswered += sockets.size();
  return {};
}

bool Giving::hear(int fd) {
  const auto taker = std::find_if(takers_.begin(), takers_.end(),
                                  [fd](const Taker& each) { return each.channel.get() == fd; });
  if (taker == takers_.end()) return false;
  Heard heard = Heard::more;
  while (heard == Heard::more)
    heard = hear_one(taker);
  if (heard == Heard::nothing_more) heard = send_waiting(taker);
  if (heard == Heard::gone) let_go(taker);
  return true;
}

Giving::Heard Giving::hear_one(Place taker) {
  const auto message = ipc::receive(taker->channel);
  if (!message) {
    return message.error().code == Errc::would_block ? Heard::nothing_more : Heard::gone;
  }
  const auto answer = protocol::decode_taken(message->bytes);
  if (!answer || taker->sent.empty() || answer->count > taker->sent.front().size()) {
    return Heard::gone;
  }
  return acknowledge(taker, answer->count);
}

Giving::Heard Giving::acknowledge(Place taker, std::uint64_t count) {
  Batch batch = std::move(taker->sent.front());
  taker->sent.pop_front();
  taker->unanswered -= batch.size();
  taken_ += count;
  const auto first_kept = batch.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto each = batch.begin(); each != first_kept; ++each) {
    each->connection.socket.reset();
    each->settled(std::nullopt);
  }
  if (first_kept != batch.end() || taker->stopping) {
    batch.erase(batch.begin(), first_kept);
    return give_no_more(taker, std::move(batch));
  }
  tell_room();
  return Heard::more;
}

// Nor is what it has been sent taken back before it has answered: it may be its own by now.
Giving::Heard Giving::give_no_more(Place taker, Batch kept) {
  std::ranges::move(stop(*taker), std::back_inserter(kept));
  for (Pending& each : kept)
    each.settled(std::move(each.connection));
  return taker->sent.empty() ? Heard::gone : Heard::more;
}

void Giving::let_go(Place taker) {
  Taker gone = std::move(*taker);
  poll_set_.remove(gone.channel.get());
  takers_.erase(taker);
  for (Batch& batch : gone.sent) {
    for (Pending& each : batch)
      each.settled(std::move(each.connection));
  }
  for (Pending& each : gone.waiting)
    each.settled(std::move(each.connection));
  if (takers_.empty()) {
    promised_ = 0;
    callbacks_.on_no_taker();
  } else {
    tell_room();
  }
}

// What has not been sent to it.
std::deque<Giving::Pending> Giving::stop(Taker& taker) {
  taker.stopping = true;
  poll_set_.watch_writable(taker.channel.get(), false);
  return std::exchange(taker.waiting, {});
}

void Giving::stop() {
  std::deque<Pending> kept;
  for (auto taker = takers_.begin(); taker != takers_.end();) {
    std::ranges::move(stop(*taker), std::back_inserter(kept));
    const auto next = std::next(taker);
    if (taker->sent.empty()) let_go(taker);
    taker = next;
  }
  for (Pending& each : kept)
    each.settled(std::move(each.connection));
}

}  // namespace baton::sdk
