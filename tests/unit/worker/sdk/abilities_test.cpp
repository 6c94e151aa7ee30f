// What a worker says that it can do, and what it is told because of it: lanes, the probe listener,
// the way back from a drain.
#include "tests/unit/worker/sdk/supervisor_end.hpp"
#include "worker/sdk/worker.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

namespace baton::sdk {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class AbilitiesTest : public ::testing::Test {
 protected:
  Worker connect(const Abilities& abilities, const protocol::Listeners& given,
                 std::size_t sockets) {
    std::vector<UniqueFd> fds;
    std::vector<int> numbers;
    for (std::size_t i = 0; i < sockets; ++i) {
      fds.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      numbers.push_back(fds.back().get());
    }
    supervisor_.say(given, numbers);
    ::setenv("BATON_FD", std::to_string(supervisor_.workers_end().release()).c_str(), 1);
    return Worker::connect(abilities).value();
  }

  SupervisorEnd supervisor_;
};

TEST_F(AbilitiesTest, AreSaidInTheHelloAndNoneIsByDefault) {
  Worker worker = connect({}, listeners({}), 0);
  EXPECT_THAT(supervisor_.hear<protocol::Hello>().capabilities, ElementsAre("handover"));
}

TEST_F(AbilitiesTest, AreSaidInTheHelloOneByOne) {
  Worker worker = connect({.lanes = true, .probe = true, .standby = true}, listeners({}), 0);
  EXPECT_THAT(supervisor_.hear<protocol::Hello>().capabilities,
              ElementsAre("handover", "lanes", "probe", "standby"));
}

TEST_F(AbilitiesTest, TheLanesOfAListenerAreTakenTogether) {
  auto given = listeners({"web", "web", "admin"});
  given.lanes = {0, 1, 0};
  Worker worker = connect({.lanes = true}, given, 3);
  EXPECT_THAT(worker.listener_names(), ElementsAre("web", "admin"));
  EXPECT_EQ(worker.take_lanes("web").value().size(), 2u);
  EXPECT_EQ(worker.take_lanes("admin").value().size(), 1u);
  EXPECT_EQ(worker.take_lanes("web").error().code, Errc::not_found);
}

TEST_F(AbilitiesTest, TheProbeListenerIsTheLastSocketAndTakenOnce) {
  auto given = listeners({"web"});
  given.probe = true;
  Worker worker = connect({.probe = true}, given, 2);
  EXPECT_TRUE(worker.take_probe_listener());
  EXPECT_FALSE(worker.take_probe_listener());
  EXPECT_EQ(worker.take_lanes("web").value().size(), 1u);
}

TEST_F(AbilitiesTest, WithoutAProbeThereIsNoListenerForIt) {
  Worker worker = connect({.probe = true}, listeners({"web"}), 1);
  EXPECT_FALSE(worker.take_probe_listener());
}

TEST_F(AbilitiesTest, AnActivationSaysWhichLanesAreMeant) {
  Worker worker = connect({.lanes = true}, listeners({}), 0);
  std::vector<std::pair<bool, bool>> accepted;
  worker.handle({.on_activate = [&] {
    accepted.emplace_back(worker.accepts_from(0), worker.accepts_from(1));
    worker.accepting();
  }});
  for (const std::vector<unsigned>& lanes : {std::vector<unsigned>{0}, {1}, {}}) {
    supervisor_.say(protocol::Activate{lanes});
    worker.dispatch();
  }
  EXPECT_THAT(accepted,
              ElementsAre(std::pair(true, false), std::pair(false, true), std::pair(true, true)));
}

TEST_F(AbilitiesTest, AnActivationMayComeInADrainAndAfterIt) {
  Worker worker = connect({.standby = true}, listeners({}), 0);
  supervisor_.hear<protocol::Hello>();
  int activations = 0;
  worker.handle({.on_activate =
                     [&] {
                       ++activations;
                       worker.accepting();
                     },
                 .on_drain = [](DrainOrder) {}});
  supervisor_.say(protocol::Activate{});
  supervisor_.say(protocol::Drain{.timeout = 5s});
  supervisor_.say(protocol::Activate{});
  supervisor_.say(protocol::Drain{.timeout = 5s});
  worker.dispatch();
  EXPECT_EQ(activations, 2);
  worker.drained({.finished = 3});
  supervisor_.say(protocol::Activate{});
  worker.dispatch();
  EXPECT_EQ(activations, 3);
  supervisor_.hear<protocol::Accepting>();
  supervisor_.hear<protocol::Accepting>();
  EXPECT_EQ(supervisor_.hear<protocol::Drained>().finished, 3u);
  supervisor_.hear<protocol::Accepting>();
}

TEST_F(AbilitiesTest, ErrorsAreAmongTheNumbers) {
  Worker worker = connect({}, listeners({}), 0);
  supervisor_.hear<protocol::Hello>();
  worker.handle({.on_progress = [] { return Progress{1, 0, 9, 4}; }});
  supervisor_.say(protocol::Ping{});
  worker.dispatch();
  EXPECT_EQ(supervisor_.hear<protocol::Progress>().errors, 4u);
}

}  // namespace
}  // namespace baton::sdk
