// The example server, a process of its own, through a whole life: it is what the SDK promises to an
// author who has no event loop but poll(2).
#include "common/net/listen.hpp"
#include "tests/support/child.hpp"
#include "tests/support/eventually.hpp"
#include "tests/unit/worker/sdk/line_client.hpp"
#include "tests/unit/worker/sdk/supervisor_end.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>

#include <optional>

namespace baton::sdk {
namespace {

using namespace std::chrono_literals;
using baton::testing::Child;
using baton::testing::eventually;
using ::testing::HasSubstr;

class ExampleWorker : public ::testing::Test {
 protected:
  void SetUp() override {
    ::fcntl(supervisor_.workers_end().get(), F_SETFD, 0);
    worker_.emplace(
        baton::testing::Command{{baton::testing::program("baton-example-worker")},
                                {{"BATON_FD", std::to_string(supervisor_.workers_end().get())}}});
    supervisor_.workers_end().reset();
    EXPECT_EQ(supervisor_.hear<protocol::Hello>().pid, worker_->pid());
    supervisor_.say(listeners({"web"}), {listener_.get()});
    supervisor_.hear<protocol::Ready>();
  }

  void activate() {
    supervisor_.say(protocol::Activate{});
    supervisor_.hear<protocol::Accepting>();
  }

  protocol::Progress progress() {
    supervisor_.say(protocol::Ping{});
    return supervisor_.hear<protocol::Progress>();
  }

  bool waits_in_queue() {
    pollfd acceptable{listener_.get(), POLLIN, 0};
    return ::poll(&acceptable, 1, 30'000) == 1;
  }

  UniqueFd listener_ = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 16).value();
  SupervisorEnd supervisor_;
  std::optional<Child> worker_;
};

TEST_F(ExampleWorker, EchoesDrainsAndStops) {
  activate();
  LineClient client(listener_);
  client.say("one\n");
  EXPECT_EQ(client.hear(), "one\n");
  EXPECT_EQ(progress(), (protocol::Progress{.connections = 1, .in_flight = 0, .requests = 1}));
  client.say("tw");
  EXPECT_TRUE(eventually([&] { return progress().in_flight == 1; }));

  supervisor_.say(protocol::Drain{.timeout = 60s});
  EXPECT_EQ(progress().in_flight, 1U);
  LineClient newcomer(listener_);
  EXPECT_TRUE(waits_in_queue()) << "left to the next generation";
  client.say("o\n");
  EXPECT_EQ(client.hear(), "two\n");
  EXPECT_EQ(supervisor_.hear<protocol::Drained>(),
            (protocol::Drained{.finished = 1, .cut_off = 0}));
  EXPECT_TRUE(waits_in_queue());

  supervisor_.say(protocol::Stop{});
  EXPECT_EQ(worker_->wait(), 0);
}

TEST_F(ExampleWorker, TheDeadlineCutsWhatIsInFlight) {
  activate();
  LineClient client(listener_);
  client.say("hal");
  EXPECT_TRUE(eventually([&] { return progress().in_flight == 1; }));
  supervisor_.say(protocol::Drain{.timeout = 1ms});
  EXPECT_EQ(supervisor_.hear<protocol::Drained>(),
            (protocol::Drained{.finished = 0, .cut_off = 1}));
  EXPECT_EQ(client.hear(), "");
}

TEST_F(ExampleWorker, TheLastOneServesTheQueue) {
  LineClient client(listener_);
  client.say("last\n");
  supervisor_.say(protocol::Activate{});
  supervisor_.say(protocol::Drain{.timeout = 60s, .backlog = protocol::Backlog::serve});
  supervisor_.hear<protocol::Accepting>();
  EXPECT_EQ(client.hear(), "last\n");
  EXPECT_EQ(supervisor_.hear<protocol::Drained>().cut_off, 0U);
  pollfd acceptable{listener_.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&acceptable, 1, 0), 0);
}

TEST_F(ExampleWorker, AcceptsAgainAfterADrain) {
  activate();
  supervisor_.say(protocol::Drain{.timeout = 60s});
  supervisor_.hear<protocol::Drained>();
  LineClient client(listener_);
  activate();
  client.say("again\n");
  EXPECT_EQ(client.hear(), "again\n");
}

TEST_F(ExampleWorker, EndsWithASupervisorThatDiesBeforeItAccepts) {
  supervisor_.die();
  EXPECT_EQ(worker_->wait(), 0);
}

TEST_F(ExampleWorker, FinishesWhatItHasWhenItsSupervisorDies) {
  activate();
  LineClient client(listener_);
  client.say("hal");
  EXPECT_TRUE(eventually([&] { return progress().in_flight == 1; }));
  supervisor_.die();
  client.say("f\n");
  EXPECT_EQ(client.hear(), "half\n");
  EXPECT_EQ(worker_->wait(), 0);
}

TEST(ExampleWorkerAlone, SaysThatItNeedsASupervisor) {
  const auto ran = baton::testing::run({{baton::testing::program("baton-example-worker")}, {}});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("BATON_FD is not set: this process was not started by batond"));
}

}  // namespace
}  // namespace baton::sdk
