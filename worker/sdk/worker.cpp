#include "worker/sdk/worker.hpp"

#include "common/ipc/message_channel.hpp"
#include "common/protocol/codec.hpp"
#include "common/protocol/handover.hpp"
#include "worker/sdk/giving.hpp"
#include "worker/sdk/poll_set.hpp"
#include "worker/sdk/taking.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace baton::sdk {
namespace {

// How long a worker drains whose supervisor died before it could say.
constexpr std::chrono::milliseconds drain_without_supervisor{10'000};

Error bad_channel(std::string_view value, std::string_view why) {
  return {Errc::invalid_input, std::string(protocol::channel_variable) + "=" + std::string(value) +
                                   " " + std::string(why) +
                                   "; it is set by batond, unset it to run alone"};
}

Result<UniqueFd> inherited_channel() {
  const char* const value = std::getenv(protocol::channel_variable);
  if (!value) {
    return Error{Errc::not_found, std::string(protocol::channel_variable) +
                                      " is not set: this process was not started by batond"};
  }
  const std::string text = value;
  ::unsetenv(protocol::channel_variable);

  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) {
    return bad_channel(text, "is not the number of a file descriptor");
  }
  int type = 0;
  socklen_t size = sizeof(type);
  if (::getsockopt(number, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
    return bad_channel(text, "is not an open SOCK_SEQPACKET socket");
  }
  ::fcntl(number, F_SETFD, FD_CLOEXEC);
  return UniqueFd(number);
}

// Errc::timed_out, or nothing when the fd is readable (or at its end).
Result<void> wait_readable(int fd, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd watched{fd, POLLIN, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::max<long>(0, left.count())));
    if (ready > 0) return {};
    if (ready == 0)
      return Error{Errc::timed_out, "the supervisor did not send the listeners in time"};
    if (errno != EINTR) return system_error("poll", errno);
  }
}

std::vector<std::string> capabilities_of(const Abilities& abilities) {
  std::vector<std::string> capabilities{protocol::handover_capability};
  if (abilities.lanes) capabilities.emplace_back(protocol::lanes_capability);
  if (abilities.probe) capabilities.emplace_back(protocol::probe_capability);
  if (abilities.standby) capabilities.emplace_back(protocol::standby_capability);
  return capabilities;
}

}  // namespace

// What holds references into itself, and stays where it is when the Worker is moved.
struct Worker::Io {
  explicit Io(PollSet set)
      : poll_set(std::move(set)),
        giving(poll_set, {.on_room = [this](std::size_t room) { callbacks.on_give(room); },
                          .on_no_taker = [this] { no_taker(); }}),
        taking(poll_set, callbacks.on_adopt) {}

  void no_taker() {
    if (callbacks.on_no_taker) callbacks.on_no_taker();
  }

  PollSet poll_set;
  Callbacks callbacks;
  Giving giving;
  Taking taking;
};

Worker::Worker(UniqueFd channel, std::unique_ptr<Io> io)
    : channel_(std::move(channel)), io_(std::move(io)) {}
Worker::Worker(Worker&& other) noexcept = default;
Worker::~Worker() = default;

bool supervised() {
  return std::getenv(protocol::channel_variable) != nullptr;
}

Result<Worker> Worker::connect(Abilities abilities, std::chrono::milliseconds timeout) {
  auto channel = inherited_channel();
  if (!channel) return channel.error();
  auto poll_set = PollSet::create();
  if (!poll_set) return poll_set.error();
  if (auto added = poll_set->add(channel->get()); !added) return added.error();
  Worker worker(std::move(*channel), std::make_unique<Io>(std::move(*poll_set)));
  const protocol::Hello hello{.versions = {protocol::version},
                              .capabilities = capabilities_of(abilities),
                              .pid = ::getpid()};
  if (auto sent = ipc::send(worker.channel_, protocol::encode(hello)); !sent) return sent.error();
  if (auto received = worker.receive_listeners(timeout); !received) return received.error();
  return worker;
}

Result<void> Worker::receive_listeners(std::chrono::milliseconds timeout) {
  if (auto ready = wait_readable(channel_.get(), timeout); !ready) return ready;
  auto message = ipc::receive(channel_);
  if (!message) return message.error();
  auto decoded = protocol::decode_from_supervisor(message->bytes);
  if (!decoded) return decoded.error();

  const auto* listeners = std::get_if<protocol::Listeners>(&*decoded);
  if (!listeners)
    return Error{Errc::invalid_input, "the supervisor's first message is not 'listeners'"};
  if (listeners->version != protocol::version) {
    return Error{Errc::invalid_input,
                 "the supervisor chose protocol version " + std::to_string(listeners->version) +
                     ", this worker speaks " + std::to_string(protocol::version)};
  }
  const std::size_t announced = listeners->names.size() + (listeners->probe ? 1 : 0);
  if (announced != message->fds.size()) {
    return Error{Errc::invalid_input, "the supervisor named " + std::to_string(announced) +
                                          " listeners and sent " +
                                          std::to_string(message->fds.size())};
  }
  generation_ = listeners->generation;
  for (std::size_t i = 0; i < listeners->names.size(); ++i) {
    const unsigned lane = listeners->lanes.empty() ? 0 : listeners->lanes[i];
    listeners_.push_back({listeners->names[i], lane, std::move(message->fds[i])});
  }
  if (listeners->probe) probe_listener_ = std::move(message->fds.back());
  return {};
}

std::vector<std::string> Worker::listener_names() const {
  std::vector<std::string> names;
  for (const NamedListener& listener : listeners_) {
    if (listener.lane == 0) names.push_back(listener.name);
  }
  return names;
}

Result<UniqueFd> Worker::take_listener(std::string_view name) {
  std::string known;
  for (NamedListener& listener : listeners_) {
    if (listener.name == name && listener.socket) return std::move(listener.socket);
    if (listener.socket) known += (known.empty() ? "" : ", ") + listener.name;
  }
  return Error{Errc::not_found, "there is no listener '" + std::string(name) +
                                    "' to take; there is " + (known.empty() ? "none" : known)};
}

Result<std::vector<UniqueFd>> Worker::take_lanes(std::string_view name) {
  std::vector<UniqueFd> lanes;
  for (auto lane = take_listener(name);; lane = take_listener(name)) {
    if (!lane && lanes.empty()) return lane.error();
    if (!lane) return lanes;
    lanes.push_back(std::move(*lane));
  }
}

UniqueFd Worker::take_probe_listener() {
  return std::move(probe_listener_);
}

bool Worker::accepts_from(unsigned lane) const {
  return lanes_.empty() || std::ranges::find(lanes_, lane) != lanes_.end();
}

// A message that can't be sent means that the supervisor is gone; dispatch() learns that too.
void Worker::ready() {
  (void)ipc::send(channel_, protocol::encode(protocol::Ready{}));
}

void Worker::accepting() {
  state_ = State::accepting;
  (void)ipc::send(channel_, protocol::encode(protocol::Accepting{}));
}

void Worker::drained(DrainReport report) {
  state_ = State::drained;
  const std::uint64_t taken = io_->giving.taken();
  const std::uint64_t by_this_drain = taken - std::exchange(taken_before_, taken);
  (void)ipc::send(channel_, protocol::encode(
                                protocol::Drained{report.finished, report.cut_off, by_this_drain}));
  if (!supervisor_lives_) stop();
}

void Worker::failed(const std::string& reason) {
  (void)ipc::send(channel_, protocol::encode(protocol::Failed{reason}));
}

void Worker::handle(Callbacks callbacks) {
  io_->callbacks = std::move(callbacks);
}

int Worker::fd() const {
  return io_->poll_set.fd();
}

void Worker::hand_over(LiveConnection connection, Settled settled) {
  io_->giving.give(std::move(connection), std::move(settled));
}

Worker::Channel Worker::dispatch() {
  for (auto ready = io_->poll_set.ready(); !ready.empty(); ready = io_->poll_set.ready()) {
    for (const int fd : ready) {
      if (fd == channel_.get()) {
        hear_supervisor();
      } else if (!io_->giving.hear(fd)) {
        io_->taking.hear(fd);
      }
    }
  }
  const bool more_to_come =
      supervisor_lives_ || io_->giving.has_takers() || io_->taking.has_givers();
  return more_to_come ? Channel::open : Channel::ended;
}

void Worker::hear_supervisor() {
  while (supervisor_lives_) {
    auto message = ipc::receive(channel_);
    if (message) {
      obey(message->bytes, std::move(message->fds));
    } else if (message.error().code == Errc::would_block) {
      break;
    } else if (message.error().code != Errc::too_large) {
      supervisor_lives_ = false;
      io_->poll_set.remove(channel_.get());
      supervisor_is_gone();
    }
  }
}

void Worker::run() {
  while (state_ != State::stopped && dispatch() == Channel::open && state_ != State::stopped) {
    pollfd watched{fd(), POLLIN, 0};
    ::poll(&watched, 1, -1);
  }
}

void Worker::obey(std::string_view bytes, std::vector<UniqueFd> fds) {
  const auto decoded = protocol::decode_from_supervisor(bytes);
  if (!decoded) return failed("the supervisor said something wrong: " + decoded.error().message);
  const Callbacks& callbacks = io_->callbacks;

  if (const auto* activate = std::get_if<protocol::Activate>(&*decoded)) {
    lanes_ = activate->lanes;
    io_->giving.stop();
    if (callbacks.on_activate) callbacks.on_activate();
  } else if (std::holds_alternative<protocol::HandOver>(*decoded)) {
    give_to(std::move(fds));
  } else if (std::holds_alternative<protocol::Adopt>(*decoded)) {
    for (UniqueFd& giver : fds)
      io_->taking.add_giver(std::move(giver));
  } else if (const auto* order = std::get_if<protocol::Drain>(&*decoded)) {
    drain(order->timeout,
          order->backlog == protocol::Backlog::serve ? Backlog::serve : Backlog::leave);
  } else if (std::holds_alternative<protocol::Stop>(*decoded)) {
    stop();
  } else if (std::holds_alternative<protocol::Ping>(*decoded)) {
    const Progress progress = callbacks.on_progress ? callbacks.on_progress() : Progress{};
    (void)ipc::send(channel_,
                    protocol::encode(protocol::Progress{progress.connections, progress.in_flight,
                                                        progress.requests, progress.errors}));
  }
}

void Worker::give_to(std::vector<UniqueFd> takers) {
  if (!io_->callbacks.on_give) return;  // their end tells the takers that nothing will come
  for (UniqueFd& taker : takers)
    io_->giving.add_taker(std::move(taker));
  if (state_ == State::draining) give_more();
}

void Worker::give_more() {
  if (const std::size_t room = io_->giving.take_room(); room > 0) io_->callbacks.on_give(room);
}

void Worker::drain(std::chrono::milliseconds timeout, Backlog backlog) {
  state_ = State::draining;
  const bool handover = io_->giving.has_takers();
  if (io_->callbacks.on_drain) {
    io_->callbacks.on_drain(
        {std::chrono::steady_clock::now() + timeout, timeout, backlog, handover});
  }
  if (handover && state_ == State::draining) give_more();
}

void Worker::stop() {
  if (state_ == State::stopped) return;
  state_ = State::stopped;
  if (io_->callbacks.on_stop) io_->callbacks.on_stop();
}

// The one place that decides what becomes of a worker whose supervisor has died. It lets go of the
// listeners, so that the next supervisor can bind them.
void Worker::supervisor_is_gone() {
  listeners_.clear();
  if (state_ == State::accepting) {
    drain(drain_without_supervisor, Backlog::leave);
  } else if (state_ != State::draining) {
    stop();
  }
}

}  // namespace baton::sdk
