// Every phase of a deploy x everything that can happen in it, written down in
// docs/state-machine.md: the table there is made by running the machine, and this fails when the
// two differ.
#include "documented.hpp"
#include "service_driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <sstream>
#include <string>

namespace baton::core {
namespace {

using namespace std::chrono_literals;
using Workers = ServiceDriver::Workers;

ServicePolicy guarded() {
  ServicePolicy policy = ServiceDriver::policy();
  policy.health = HealthGate{.interval = 100ms, .successes = 1, .deadline = 10s, .failures = 1};
  policy.two_lanes = true;
  policy.canary = {{5, 30s}};
  policy.bake = 60s;
  return policy;
}

// Generation 1 serves; the deploy of generation 2 stands in the phase. What comes next is up to who
// asks: no worker does anything by itself.
class Scene {
 public:
  explicit Scene(DeployPhase phase) {
    driver.deploy(guarded());
    driver.behave(Workers::are_silent);
    if (phase == DeployPhase::idle) return;
    driver.deploy(guarded());
    const WorkerId fresh = worker_of(2);
    const WorkerId old = worker_of(1);
    const bool back = phase == DeployPhase::aborting;
    const auto reached = [&] { return driver.view().deploy == phase || back; };
    const std::vector<std::function<void()>> way{
        [&] { driver.send(WorkerConnected{fresh}); },
        [&] { driver.send(WorkerReady{fresh}); },
        [&] {
          driver.send(WorkerProbed{fresh, {}});
        },
        [&] {  // each in its lane, and the last step of the canary over
          driver.send(WorkerAccepting{fresh});
          driver.send(WorkerAccepting{old});
          driver.steer(Steer::promote);
        },
        [&] { driver.send(WorkerAccepting{fresh}); },
        [&] {
          driver.send(WorkerDrained{old});
          driver.steer(Steer::abort);
        },
    };
    for (auto step = way.begin(); step != way.end() && !reached(); ++step)
      (*step)();
    if (phase == DeployPhase::canary) {
      driver.send(WorkerAccepting{fresh});
      driver.send(WorkerAccepting{old});
    }
    if (phase == DeployPhase::baking) driver.send(WorkerDrained{old});
    if (back) driver.steer(Steer::abort);
  }

  WorkerId worker_of(GenerationNumber generation) const {
    const auto workers = driver.workers_of(generation);
    return workers.empty() ? 0 : workers.front();
  }

  ServiceDriver driver;
};

struct Column {
  const char* name;
  // The request that was made; 0: none.
  std::function<RequestId(Scene&)> happen;
};

const std::vector<Column>& columns() {
  const auto request = [](auto make) {
    return [make](Scene& scene) -> RequestId { return make(scene.driver); };
  };
  const auto steer = [&](Steer what) {
    return request([what](ServiceDriver& driver) { return driver.steer(what); });
  };
  const auto event = [](auto make) {
    return [make](Scene& scene) -> RequestId {
      make(scene);
      return 0;
    };
  };
  static const std::vector<Column> all{
      {"deploy", request([](ServiceDriver& driver) { return driver.deploy(guarded()); })},
      {"SIGHUP",
       request([](ServiceDriver& driver) { return driver.deploy(guarded(), WhenBusy::queue); })},
      {"scale", request([](ServiceDriver& driver) { return driver.scale(2); })},
      {"rollback", request([](ServiceDriver& driver) { return driver.rollback(); })},
      {"promote", steer(Steer::promote)},
      {"pause", steer(Steer::pause)},
      {"resume", steer(Steer::resume)},
      {"abort", steer(Steer::abort)},
      {"stop", request([](ServiceDriver& driver) { return driver.stop(); })},
      {"a new worker dies", event([](Scene& scene) {
         scene.driver.send(WorkerExited{scene.worker_of(2), {true, SIGKILL}});
       })},
      {"an old worker dies", event([](Scene& scene) {
         scene.driver.send(WorkerExited{scene.worker_of(1), {true, SIGKILL}});
       })},
      {"a probe fails", event([](Scene& scene) {
         scene.driver.pass(100ms);
         scene.driver.send(WorkerProbed{scene.worker_of(2), "it is not well"});
       })},
      {"its time is over", event([](Scene& scene) {
         const auto phase = scene.driver.view().phase_deadline;
         const auto due = phase ? phase : scene.driver.machine().next_deadline();
         if (due) scene.driver.pass(std::chrono::ceil<Duration>(*due - scene.driver.now()));
       })},
  };
  return all;
}

std::string cell(DeployPhase phase, const Column& column) {
  Scene scene(phase);
  EXPECT_EQ(scene.driver.view().deploy, phase);
  const RequestId request = column.happen(scene);
  std::string text;
  if (request != 0) {
    const auto answer = scene.driver.answer_to(request);
    text = answer ? to_string(answer->outcome) : "waits";
  }
  const DeployPhase after = scene.driver.view().deploy;
  if (after != phase) {
    text += (text.empty() ? "" : " ") + std::string("→ **") + to_string(after) + "**";
  }
  return text.empty() ? "·" : text;
}

std::string table() {
  std::ostringstream text;
  text << "| |";
  for (const Column& column : columns())
    text << " " << column.name << " |";
  text << "\n|---|";
  for (std::size_t i = 0; i < columns().size(); ++i)
    text << "---|";
  text << "\n";
  for (int phase = 0; phase <= static_cast<int>(DeployPhase::aborting); ++phase) {
    text << "| **" << to_string(static_cast<DeployPhase>(phase)) << "** |";
    for (const Column& column : columns())
      text << " " << cell(static_cast<DeployPhase>(phase), column) << " |";
    text << "\n";
  }
  return text.str();
}

TEST(StateMachineDoc, ShowsWhatEachPhaseOfADeployMakesOfEachEvent) {
  expect_documented(table());
}

}  // namespace
}  // namespace baton::core
