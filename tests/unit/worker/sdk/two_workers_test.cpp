// A handover between two Workers, with a supervisor's end for each.
#include "tests/unit/worker/sdk/client_connection.hpp"
#include "tests/unit/worker/sdk/supervisor_end.hpp"
#include "worker/sdk/worker.hpp"

#include <gmock/gmock.h>

#include <poll.h>
#include <stdlib.h>

#include <optional>
#include <vector>

namespace baton::sdk {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

bool is_readable(int fd) {
  pollfd watched{fd, POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

class TwoWorkers : public ::testing::Test {
 protected:
  struct Side {
    SupervisorEnd supervisor;
    std::optional<Worker> worker;
    std::vector<LiveConnection> adopted;
    std::vector<std::size_t> rooms;
    bool handover = false;

    Side() {
      supervisor.say(listeners({}));
      ::setenv("BATON_FD", std::to_string(supervisor.workers_end().release()).c_str(), 1);
      worker.emplace(Worker::connect().value());
      const auto hello = supervisor.hear<protocol::Hello>();
      EXPECT_THAT(hello.capabilities, ElementsAre("handover"));
      worker->handle({
          .on_drain = [this](DrainOrder order) { handover = order.handover; },
          .on_give = [this](std::size_t room) { rooms.push_back(room); },
          .on_adopt = [this](LiveConnection each) { adopted.push_back(std::move(each)); },
      });
    }
  };

  void join(Side& giver, Side& taker) {
    auto [giving, taking] = ipc::make_channel().value();
    giver.supervisor.say(protocol::HandOver{}, {giving.get()});
    taker.supervisor.say(protocol::Adopt{}, {taking.get()});
  }

  Side old_;
  Side new_;
};

TEST_F(TwoWorkers, HandOverInADrainAndCountIt) {
  join(old_, new_);
  old_.worker->dispatch();
  EXPECT_THAT(old_.rooms, IsEmpty()) << "before the drain";
  old_.supervisor.say(protocol::Drain{.timeout = 5s});
  old_.worker->dispatch();
  EXPECT_TRUE(old_.handover);
  EXPECT_THAT(old_.rooms, ElementsAre(249u));

  Client one = connect();
  bool taken = false;
  old_.worker->hand_over(std::move(one.server),
                         [&](std::optional<LiveConnection> kept) { taken = !kept.has_value(); });
  EXPECT_TRUE(is_readable(old_.worker->fd())) << "there is something to send";
  old_.worker->dispatch();
  new_.worker->dispatch();
  old_.worker->dispatch();
  EXPECT_TRUE(taken);
  EXPECT_THAT(new_.adopted, SizeIs(1));
  old_.worker->drained({});
  EXPECT_EQ(old_.supervisor.hear<protocol::Drained>().handed_over, 1u);
}

TEST_F(TwoWorkers, NewTakersInTheMiddleOfADrainMakeRoom) {
  old_.supervisor.say(protocol::Drain{.timeout = 5s});
  old_.worker->dispatch();
  EXPECT_FALSE(old_.handover);
  EXPECT_THAT(old_.rooms, IsEmpty());
  join(old_, new_);
  old_.worker->dispatch();
  EXPECT_THAT(old_.rooms, ElementsAre(249u));
}

TEST_F(TwoWorkers, AServerThatCannotGiveDrainsWithout) {
  old_.worker->handle({.on_drain = [this](DrainOrder order) { old_.handover = order.handover; }});
  join(old_, new_);
  old_.supervisor.say(protocol::Drain{.timeout = 5s});
  old_.worker->dispatch();
  EXPECT_FALSE(old_.handover);
}

TEST_F(TwoWorkers, GoOnWithoutTheirSupervisors) {
  join(old_, new_);
  old_.supervisor.say(protocol::Drain{.timeout = 5s});
  old_.supervisor.die();
  EXPECT_EQ(old_.worker->dispatch(), Worker::Channel::open) << "it has a taker";
  Client one = connect();
  old_.worker->hand_over(std::move(one.server), [](const auto&) {});
  old_.worker->dispatch();
  new_.worker->dispatch();
  EXPECT_THAT(new_.adopted, SizeIs(1));
}

}  // namespace
}  // namespace baton::sdk
