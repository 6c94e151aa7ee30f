// The scripted worker is a good worker where its script does not say otherwise.
#include "common/ipc/message_channel.hpp"
#include "common/net/listen.hpp"
#include "common/protocol/codec.hpp"
#include "tests/support/child.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/torture/run.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>

namespace baton::testing {
namespace {

// The supervisor's side of the conversation.
class Talk {
 public:
  explicit Talk(std::vector<std::string> arguments) {
    auto [ours, theirs] = ipc::make_channel().value();
    ::fcntl(theirs.get(), F_SETFD, 0);
    arguments.insert(arguments.begin(), program("scripted-worker"));
    channel_ = std::move(ours);
    worker_.emplace(Command{arguments, {{"BATON_FD", std::to_string(theirs.get())}}});
  }

  Result<ipc::Message> receive() {
    pollfd readable{channel_.get(), POLLIN, 0};
    ::poll(&readable, 1, 30'000);
    return ipc::receive(channel_);
  }

  template <class Message>
  bool hears() {
    const auto message = receive();
    if (!message) return false;
    const auto said = protocol::decode_from_worker(message->bytes);
    return said && std::holds_alternative<Message>(*said);
  }

  void say(const protocol::FromSupervisor& message, std::vector<int> fds = {}) {
    EXPECT_TRUE(ipc::send(channel_, protocol::encode(message), fds));
  }

  Child& worker() { return *worker_; }

 private:
  UniqueFd channel_;
  std::optional<Child> worker_;
};

protocol::Listeners listeners_message() {
  protocol::Listeners listeners;
  listeners.generation = 7;
  listeners.names = {"web"};
  return listeners;
}

TEST(ScriptedWorker, IsGoodByItself) {
  const auto listener = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 128).value();
  Talk talk({});
  ASSERT_TRUE(talk.hears<protocol::Hello>());
  talk.say(listeners_message(), {listener.get()});
  ASSERT_TRUE(talk.hears<protocol::Ready>());
  talk.say(protocol::Activate{});
  ASSERT_TRUE(talk.hears<protocol::Accepting>());

  torture::Options options;
  options.target = net::local_address(listener).value();
  options.mode = torture::Mode::keep_alive;
  options.requests = 100;
  options.clients = 4;
  options.post_percent = 20;
  torture::Live live;
  const auto report = torture::run(options, live);
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
  EXPECT_EQ(report.generations.at(7).answers, 100u);

  talk.say(protocol::Ping{});
  ASSERT_TRUE(talk.hears<protocol::Progress>());
  talk.say(protocol::Drain{});
  ASSERT_TRUE(talk.hears<protocol::Drained>());
  talk.say(protocol::Stop{});
  EXPECT_EQ(talk.worker().wait(), 0);
}

TEST(ScriptedWorker, DoesItsDeedsAtTheirMoments) {
  const TempDir dir;
  Gate gate(dir / "gate");
  Talk talk({"--at", "start=gate:" + gate.path().string(), "--at", "greeted=say:nonsense", "--at",
             "listeners=print:2", "--at", "listeners=exit:9"});
  ASSERT_TRUE(gate.await_arrival());
  gate.open();
  EXPECT_TRUE(talk.hears<protocol::Hello>());
  EXPECT_EQ(talk.receive().value().bytes, "nonsense");
  talk.say(listeners_message());
  EXPECT_EQ(talk.worker().wait(), 9);
  EXPECT_EQ(talk.worker().out().count(), 2u);
}

TEST(ScriptedWorker, CanSendWhatItMayNot) {
  Talk talk({"--at", "greeted=fds", "--at", "greeted=oversize", "--version-spoken", "999"});
  const auto hello = protocol::decode_from_worker(talk.receive().value().bytes).value();
  EXPECT_EQ(std::get<protocol::Hello>(hello).versions, std::vector<int>{999});
  EXPECT_EQ(talk.receive().value().fds.size(), 2u);
  EXPECT_EQ(talk.receive().error().code, Errc::too_large);
}

TEST(ScriptedWorker, RefusesAMomentThatThereIsNot) {
  EXPECT_EQ(run({{program("scripted-worker"), "--at", "noon=exit:1"}, {}}).exit_code, 2);
}

}  // namespace
}  // namespace baton::testing
