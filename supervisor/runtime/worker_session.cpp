#include "supervisor/runtime/worker_session.hpp"

#include "common/ipc/message_channel.hpp"
#include "common/protocol/codec.hpp"
#include "common/protocol/handover.hpp"
#include "supervisor/log/printable.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace baton::runtime {
namespace {

// A worker that chatters gets this many messages heard before others have their turn.
constexpr int messages_per_turn = 16;
constexpr int messages_at_end = 256;
// A process that ends closes its channel a moment before it can be waited for. Its exit status says
// more than the end of the channel, so that has this long to come first.
constexpr std::chrono::milliseconds end_grace{200};
constexpr std::size_t max_reason_bytes = 1024;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

WorkerSession::WorkerSession(boost::asio::io_context& io, UniqueFd channel, core::WorkerId worker,
                             Required required, SessionCallbacks callbacks)
    : worker_(worker), required_(required), callbacks_(std::move(callbacks)), end_(io) {
  channel_.emplace(io, std::move(channel));
  watch();
}

void WorkerSession::send_listeners(protocol::Listeners message, std::span<const int> fds) {
  message.version = version_;
  send(message, fds);
}

void WorkerSession::finish() {
  // Bounded: a grandchild that holds the other end may go on talking.
  for (int heard = 0; channel_ && heard < messages_at_end; ++heard) {
    if (hear_one() == Turn::nothing_more) break;
  }
  end_.clear();
  channel_.reset();
}

void WorkerSession::watch() {
  channel_->when_readable([this] { on_readable(); });
}

void WorkerSession::on_readable() {
  for (int heard = 0; heard < messages_per_turn; ++heard) {
    if (!channel_ || hear_one() == Turn::nothing_more) break;
  }
  if (channel_ && !ended_) watch();
}

WorkerSession::Turn WorkerSession::hear_one() {
  auto received = ipc::receive(channel_->fd());
  if (!received) {
    if (received.error().code == Errc::would_block) return Turn::nothing_more;
    if (received.error().code == Errc::closed) {
      on_end();
    } else {
      fail("talked nonsense (" + received.error().message + ")");
    }
    return Turn::nothing_more;
  }
  if (!received->fds.empty()) {
    fail("sent file descriptors (none are accepted from workers)");
    return Turn::nothing_more;
  }
  const auto message = protocol::decode_from_worker(received->bytes);
  if (!message) {
    fail("talked nonsense (" + message.error().message + ")");
    return Turn::nothing_more;
  }
  hear(*message);
  return Turn::more;
}

void WorkerSession::hear(const protocol::FromWorker& message) {
  if (const auto fits = conversation_.hear(message); !fits) {
    fail("talked nonsense (" + fits.error().message + ")");
    return;
  }
  const auto report = [this](core::Event event) { callbacks_.on_event(std::move(event)); };
  std::visit(Overloaded{
                 [&](const protocol::Hello& hello) { this->hear(hello); },
                 [&](const protocol::Ready&) { report(core::WorkerReady{worker_}); },
                 [&](const protocol::Accepting&) { report(core::WorkerAccepting{worker_}); },
                 [&](const protocol::Progress& progress) { callbacks_.on_progress(progress); },
                 [&](const protocol::Drained& drained) {
                   report(core::WorkerDrained{worker_, drained.finished, drained.cut_off,
                                              drained.handed_over});
                 },
                 [&](const protocol::Failed& failed) { fail("says \"" + failed.reason + "\""); },
             },
             message);
}

void WorkerSession::hear(const protocol::Hello& hello) {
  const auto version = protocol::negotiate(hello);
  if (!version) return fail("cannot be talked to (" + version.error().message + ")");
  version_ = *version;
  const auto can = [&](const char* capability) {
    return std::ranges::count(hello.capabilities, capability) > 0;
  };
  if (required_.lanes && !can(protocol::lanes_capability)) {
    return fail(
        "cannot be given a share of the connections: a service with a canary needs workers with "
        "the capability 'lanes'");
  }
  if (required_.probe && !can(protocol::probe_capability)) {
    return fail(
        "cannot be asked how it is: a service with 'health' needs workers with the capability "
        "'probe'");
  }
  can_hand_over_ = can(protocol::handover_capability);
  callbacks_.on_event(core::WorkerConnected{worker_, can(protocol::standby_capability)});
}

void WorkerSession::on_end() {
  ended_ = true;
  end_.set(std::chrono::steady_clock::now() + end_grace, [this] { fail("closed its channel"); });
}

void WorkerSession::send(const protocol::FromSupervisor& message, std::span<const int> fds) {
  if (!channel_) return;
  const auto sent = ipc::send(channel_->fd(), protocol::encode(message), fds);
  if (sent) {
    conversation_.said(message);
  } else if (sent.error().code == Errc::would_block) {
    fail("does not read its channel");
  } else if (sent.error().code != Errc::closed) {  // its end will be heard
    fail("cannot be told anything (" + sent.error().message + ")");
  }
}

void WorkerSession::fail(std::string reason) {
  channel_.reset();
  reason = log::printable(std::string_view(reason).substr(0, max_reason_bytes));
  callbacks_.on_event(core::WorkerFailed{worker_, std::move(reason)});
}

}  // namespace baton::runtime
