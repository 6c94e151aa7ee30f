// A worker from ready to stop: what it is told, what it says, and what becomes of it when its
// supervisor dies.
#include "tests/unit/worker/sdk/supervisor_end.hpp"
#include "worker/sdk/worker.hpp"

#include <gmock/gmock.h>

#include <stdlib.h>

#include <optional>

namespace baton::sdk {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Life : public ::testing::Test {
 protected:
  void SetUp() override {
    supervisor_.say(listeners({}));
    ::setenv("BATON_FD", std::to_string(supervisor_.workers_end().release()).c_str(), 1);
    worker_.emplace(Worker::connect().value());
    supervisor_.hear<protocol::Hello>();
    worker_->handle({.on_activate = [this] { told_.push_back("activate"); },
                     .on_drain =
                         [this](DrainOrder order) {
                           told_.push_back("drain");
                           order_ = order;
                         },
                     .on_stop = [this] { told_.push_back("stop"); },
                     .on_progress =
                         [] {
                           return Progress{3, 2, 1};
                         }});
  }

  // What the callbacks were told since the last time.
  std::vector<std::string> told() {
    channel_ = worker_->dispatch();
    return std::exchange(told_, {});
  }

  void bring_up() {
    worker_->ready();
    supervisor_.hear<protocol::Ready>();
    supervisor_.say(protocol::Activate{});
    ASSERT_THAT(told(), ElementsAre("activate"));
    worker_->accepting();
    supervisor_.hear<protocol::Accepting>();
  }

  SupervisorEnd supervisor_;
  std::optional<Worker> worker_;
  std::vector<std::string> told_;
  DrainOrder order_;
  Worker::Channel channel_ = Worker::Channel::open;
};

TEST_F(Life, FromReadyToStop) {
  bring_up();
  supervisor_.say(protocol::Ping{});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(supervisor_.hear<protocol::Progress>(),
            (protocol::Progress{.connections = 3, .in_flight = 2, .requests = 1}));

  const auto before = std::chrono::steady_clock::now();
  supervisor_.say(protocol::Drain{.timeout = 5s, .backlog = protocol::Backlog::leave});
  EXPECT_THAT(told(), ElementsAre("drain"));
  EXPECT_EQ(order_.timeout, 5s);
  EXPECT_GE(order_.deadline, before + 5s);
  EXPECT_LE(order_.deadline, std::chrono::steady_clock::now() + 5s);
  EXPECT_EQ(order_.backlog, Backlog::leave);
  EXPECT_TRUE(supervisor_.silence());

  worker_->drained({.finished = 8, .cut_off = 1});
  EXPECT_EQ(supervisor_.hear<protocol::Drained>(),
            (protocol::Drained{.finished = 8, .cut_off = 1}));
  supervisor_.say(protocol::Stop{});
  EXPECT_THAT(told(), ElementsAre("stop"));
  EXPECT_EQ(channel_, Worker::Channel::open);
}

TEST_F(Life, IsToldWhenNobodyElseServesTheQueue) {
  bring_up();
  supervisor_.say(protocol::Drain{.timeout = 0ms, .backlog = protocol::Backlog::serve});
  EXPECT_THAT(told(), ElementsAre("drain"));
  EXPECT_EQ(order_.backlog, Backlog::serve);
}

TEST_F(Life, ADrainedWorkerMayBeActivatedAgain) {
  for (int round = 0; round < 3; ++round) {
    bring_up();
    supervisor_.say(protocol::Drain{.timeout = 1s});
    EXPECT_THAT(told(), ElementsAre("drain"));
    worker_->drained({});
    supervisor_.hear<protocol::Drained>();
  }
}

TEST_F(Life, SeveralMessagesAreHandledAtOnceInTheirOrder) {
  supervisor_.say(protocol::Activate{});
  supervisor_.say(protocol::Drain{.timeout = 1s});
  supervisor_.say(protocol::Stop{});
  EXPECT_THAT(told(), ElementsAre("activate", "drain", "stop"));
}

TEST_F(Life, FailureIsSaidInTheAuthorsWords) {
  worker_->failed("cannot open items.db");
  EXPECT_EQ(supervisor_.hear<protocol::Failed>().reason, "cannot open items.db");
}

TEST_F(Life, NonsenseIsAnsweredAndChangesNothing) {
  supervisor_.say_bytes("nonsense");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(supervisor_.hear<protocol::Failed>().reason,
            "the supervisor said something wrong: a message is not a JSON object");
  supervisor_.say_bytes(R"({"type":"dance"})");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(supervisor_.hear<protocol::Failed>().reason,
            "the supervisor said something wrong: unknown message type 'dance'");
  bring_up();
}

TEST_F(Life, WithoutCallbacksNothingIsDoneAndThePingIsAnswered) {
  worker_->handle({});
  supervisor_.say(protocol::Activate{});
  supervisor_.say(protocol::Drain{.timeout = 1s});
  supervisor_.say(protocol::Ping{});
  supervisor_.say(protocol::Stop{});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(supervisor_.hear<protocol::Progress>(), protocol::Progress{});
}

TEST_F(Life, AWorkerThatWarmsUpStopsWithItsSupervisor) {
  supervisor_.die();
  EXPECT_THAT(told(), ElementsAre("stop"));
  EXPECT_EQ(channel_, Worker::Channel::ended);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Life, AWorkerThatAcceptsDrainsAndThenStops) {
  bring_up();
  supervisor_.die();
  EXPECT_THAT(told(), ElementsAre("drain"));
  EXPECT_EQ(channel_, Worker::Channel::ended);
  EXPECT_EQ(order_.backlog, Backlog::leave);
  EXPECT_GT(order_.timeout, 0ms);
  worker_->drained({});
  EXPECT_THAT(told(), ElementsAre("stop"));
}

TEST_F(Life, AWorkerThatDrainsGoesOnAndThenStops) {
  bring_up();
  supervisor_.say(protocol::Drain{.timeout = 5s});
  EXPECT_THAT(told(), ElementsAre("drain"));
  supervisor_.die();
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(order_.timeout, 5s);
  worker_->drained({});
  EXPECT_THAT(told(), ElementsAre("stop"));
}

TEST_F(Life, AWorkerThatHasDrainedStopsAtOnce) {
  bring_up();
  supervisor_.say(protocol::Drain{.timeout = 5s});
  EXPECT_THAT(told(), ElementsAre("drain"));
  worker_->drained({});
  supervisor_.die();
  EXPECT_THAT(told(), ElementsAre("stop"));
}

TEST_F(Life, TheLastWordsOfASupervisorAreObeyed) {
  bring_up();
  supervisor_.say(protocol::Stop{});
  supervisor_.die();
  EXPECT_THAT(told(), ElementsAre("stop"));
}

// Blocking in one thread: everything that the loop needs has been said before.
TEST_F(Life, RunBlocksUntilItIsStopped) {
  worker_->handle(
      {.on_activate = [this] { worker_->accepting(); },
       .on_drain = [this](DrainOrder) { worker_->drained({.finished = 1, .cut_off = 0}); },
       .on_stop = [this] { told_.push_back("stop"); },
       .on_progress = {}});
  supervisor_.say(protocol::Activate{});
  supervisor_.say(protocol::Drain{.timeout = 1s});
  supervisor_.say(protocol::Stop{});
  worker_->run();
  EXPECT_THAT(told_, ElementsAre("stop"));
  supervisor_.hear<protocol::Accepting>();
  EXPECT_EQ(supervisor_.hear<protocol::Drained>().finished, 1U);
}

TEST_F(Life, RunEndsWithTheSupervisor) {
  worker_->handle({.on_activate = [this] { worker_->accepting(); },
                   .on_drain = [this](DrainOrder) { worker_->drained({}); },
                   .on_stop = [this] { told_.push_back("stop"); },
                   .on_progress = {}});
  supervisor_.say(protocol::Activate{});
  supervisor_.die();
  worker_->run();
  EXPECT_THAT(told_, ElementsAre("stop"));
}

}  // namespace
}  // namespace baton::sdk
