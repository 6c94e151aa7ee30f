#include "worker/sdk/taker.hpp"

#include "common/ipc/claim.hpp"
#include "common/ipc/message_channel.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::sdk {
namespace {

constexpr std::size_t bytes_around_the_list = 64;

protocol::HandedOver describe(const LiveConnection& connection) {
  return {.received = connection.received,
          .requests = connection.requests,
          .idle_left = std::max(connection.idle_left, Duration::zero())};
}

template <class From>
void append(std::vector<Taker::Pending>& to, From&& from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

bool Taker::fits(const LiveConnection& connection) {
  return bytes_around_the_list + protocol::encoded_size(describe(connection)) <=
         ipc::max_message_bytes;
}

bool Taker::silent() const {
  return std::ranges::any_of(sent_, [](const Batch& batch) { return batch.connections.empty(); });
}

std::size_t Taker::room() const {
  if (stopping_ || silent()) return 0;
  return window - std::min(window, waiting_.size() + unanswered_);
}

void Taker::give(Pending pending) {
  ++given_;
  waiting_.push_back(std::move(pending));
}

Result<void> Taker::send(Clock::time_point now) {
  while (!waiting_.empty()) {
    if (auto sent = send_one(now); !sent) return sent;
  }
  return {};
}

Result<void> Taker::send_one(Clock::time_point now) {
  auto claim = ipc::make_claim();
  if (!claim) return claim.error();
  protocol::Connections message;
  std::vector<int> sockets;
  std::size_t bytes = bytes_around_the_list;
  for (const Pending& next : waiting_) {
    auto description = describe(next.connection);
    bytes += protocol::encoded_size(description);
    if (bytes > ipc::max_message_bytes || sockets.size() == protocol::most_connections) break;
    sockets.push_back(next.connection.socket.get());
    message.connections.push_back(std::move(description));
  }
  const std::size_t count = sockets.size();
  sockets.push_back(claim->get());
  if (auto sent = ipc::send(channel_, protocol::encode(message), sockets); !sent) return sent;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  sent_.push_back(
      {{std::move_iterator(waiting_.begin()), std::move_iterator(end)}, std::move(*claim), now});
  waiting_.erase(waiting_.begin(), end);
  unanswered_ += count;
  return {};
}

Result<Taker::Answer> Taker::hear() {
  const auto message = ipc::receive(channel_);
  if (!message) return message.error();
  const auto said = protocol::decode_taken(message->bytes);
  if (!said) return said.error();
  if (sent_.empty() || said->count > sent_.front().connections.size()) {
    return Error{Errc::invalid_input, "more connections were taken than were given"};
  }
  Answer answer{.taken = std::move(sent_.front().connections), .refused = {}};
  sent_.pop_front();
  unanswered_ -= answer.taken.size();
  const auto first_refused = answer.taken.begin() + static_cast<std::ptrdiff_t>(said->count);
  answer.refused.assign(std::move_iterator(first_refused), std::move_iterator(answer.taken.end()));
  answer.taken.erase(first_refused, answer.taken.end());
  return answer;
}

std::vector<Taker::Pending> Taker::take_back(Clock::time_point before) {
  std::vector<Pending> back;
  for (Batch& batch : sent_) {
    if (!batch.claim || batch.sent_at > before) continue;
    if (ipc::take_claim(batch.claim)) append(back, std::exchange(batch.connections, {}));
    batch.claim.reset();
  }
  unanswered_ -= back.size();
  given_ -= back.size();
  return back;
}

bool Taker::has_claimable() const {
  return std::ranges::any_of(sent_, [](const Batch& batch) { return bool(batch.claim); });
}

std::vector<Taker::Pending> Taker::stop() {
  stopping_ = true;
  std::vector<Pending> waiting;
  append(waiting, std::exchange(waiting_, {}));
  return waiting;
}

std::vector<Taker::Pending> Taker::take_all() {
  std::vector<Pending> all;
  for (Batch& batch : sent_)
    append(all, batch.connections);
  sent_.clear();
  append(all, stop());
  return all;
}

}  // namespace baton::sdk
