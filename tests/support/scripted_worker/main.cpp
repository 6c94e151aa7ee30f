// scripted-worker: a worker that speaks the protocol as it is written, and breaks it where its
// command line says (script.hpp). It shares no code with the SDK, so that the two check each other.
#include "common/ipc/claim.hpp"
#include "common/ipc/message_channel.hpp"
#include "common/protocol/codec.hpp"
#include "common/protocol/handover.hpp"
#include "tests/support/scripted_worker/deeds.hpp"
#include "tests/support/scripted_worker/script.hpp"
#include "tests/support/scripted_worker/server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace {

using namespace baton;
using baton::testing::Then;

class Worker {
 public:
  Worker(testing::Script script, UniqueFd channel)
      : script_(std::move(script)), channel_(std::move(channel)) {}

  int run() {
    if (deeds("start") == Then::go_on) {
      std::vector<std::string> capabilities;
      if (script_.takes) capabilities.emplace_back(protocol::handover_capability);
      say(protocol::Hello{{script_.version}, std::move(capabilities), ::getpid()});
      deeds("greeted");
    }
    while (!stopped_) {
      using Until = testing::Server::Until;
      server_.serve(channel_, draining_ ? Until::message_or_idle : Until::message);
      hear();
      if (draining_ && server_.idle()) finish_drain();
    }
    return 0;
  }

 private:
  Then deeds(const std::string& moment) { return do_deeds(script_, moment, channel_); }
  void say(const protocol::FromWorker& message) {
    static_cast<void>(ipc::send(channel_, protocol::encode(message)));
  }

  void hear() {
    auto message = ipc::receive(channel_);
    if (!message) {
      if (message.error().code != Errc::would_block) stopped_ = true;
      return;
    }
    const auto said = protocol::decode_from_supervisor(message->bytes).value();
    fds_ = std::move(message->fds);
    std::visit([this](const auto& what) { on(what); }, said);
  }

  void on(const protocol::HandOver&) {}  // it gives nothing
  void on(const protocol::Adopt&) {
    if (deeds("adopt") == Then::mute) return;
    for (auto& giver : fds_) {
      take_from(giver);
      givers_.push_back(std::move(giver));
    }
  }
  void take_from(const UniqueFd& giver) {
    pollfd readable{giver.get(), POLLIN, 0};
    ::poll(&readable, 1, 10'000);
    auto message = ipc::receive(giver);
    if (!message || deeds("connections") == Then::mute) return;
    const UniqueFd claim = std::move(message->fds.back());
    message->fds.pop_back();
    if (!ipc::take_claim(claim)) message->fds.clear();
    if (deeds("claimed") == Then::mute) return;
    const auto answer = protocol::encode(protocol::Taken{message->fds.size()});
    static_cast<void>(ipc::send(giver, answer));
    deeds("taken");
    for (auto& connection : message->fds)
      server_.add_connection(std::move(connection));
  }
  void on(const protocol::Listeners& listeners) {
    server_.set_identity(std::to_string(listeners.generation) + "." + std::to_string(::getpid()));
    for (auto& fd : fds_)
      server_.add_listener(std::move(fd));
    if (deeds("listeners") == Then::mute) return;
    say(protocol::Ready{});
    deeds("warm");
  }

  void on(const protocol::Activate&) {
    if (deeds("activate") == Then::mute) return;
    server_.start_accepting();
    draining_ = false;
    say(protocol::Accepting{});
    deeds("accepting");
  }

  void on(const protocol::Drain& drain) {
    if (deeds("drain") == Then::mute) return;
    const bool alone = drain.backlog == protocol::Backlog::serve;
    server_.drain(alone ? testing::Server::Queue::take : testing::Server::Queue::leave);
    draining_ = true;
    before_drain_ = server_.requests();
  }

  void finish_drain() {
    draining_ = false;
    say(protocol::Drained{server_.requests() - before_drain_, 0});
    deeds("drained");
  }

  void on(const protocol::Stop&) { stopped_ = deeds("stop") == Then::go_on; }

  void on(const protocol::Ping&) {
    if (deeds("ping") == Then::mute) return;
    say(protocol::Progress{server_.connections(), 0, server_.requests()});
  }

  const testing::Script script_;
  const UniqueFd channel_;
  testing::Server server_{[this] { deeds("request"); }};
  std::vector<UniqueFd> fds_;
  std::vector<UniqueFd> givers_;
  bool draining_ = false;
  bool stopped_ = false;
  std::uint64_t before_drain_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  auto script = testing::parse_script(argc, argv);
  const char* number = std::getenv(protocol::channel_variable);
  if (number == nullptr) {
    std::cerr << "scripted-worker: runs under batond only\n";
    return 2;
  }
  UniqueFd channel(std::atoi(number));
  ::fcntl(channel.get(), F_SETFD, FD_CLOEXEC);
  if (script.ignores_sigterm) std::signal(SIGTERM, SIG_IGN);
  return Worker(std::move(script), std::move(channel)).run();
}
