// The lines that are redrawn while an operation waits, letter by letter.
#include "supervisor/ctl/live_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

admin::GenerationStatus generation(std::uint64_t number, const std::string& role,
                                   const std::string& phase, std::uint64_t connections) {
  admin::WorkerStatus worker;
  worker.phase = phase;
  worker.connections = connections;
  worker.in_flight = 1;
  admin::GenerationStatus status;
  status.number = number;
  status.role = role;
  status.workers = {worker};
  return status;
}

admin::ServiceStatus service(const std::string& deploy,
                             std::vector<admin::GenerationStatus> generations) {
  admin::ServiceStatus status;
  status.name = "items";
  status.deploy = deploy;
  status.generations = std::move(generations);
  return status;
}

TEST(LiveView, NothingGoesOn) {
  LiveView view;
  EXPECT_THAT(view.draw(service("idle", {generation(1, "current", "accepting", 5)}), 80),
              IsEmpty());
}

TEST(LiveView, ACanaryIsABarOfEachShare) {
  LiveView view;
  auto old = generation(3, "current", "accepting", 64);
  auto fresh = generation(4, "candidate", "accepting", 1);
  old.weight = 90;
  fresh.weight = 10;
  auto canary = service("canary", {old, fresh});
  canary.phase_left_ms = 29'000;
  canary.paused = true;
  EXPECT_THAT(
      view.draw(canary, 100),
      ElementsAre(
          "  items: canary, 29s left, paused",
          "  generation 3   current   [##################..] 90 % of new 64 connections, 1 in "
          "flight",
          "  generation 4   candidate [##..................] 10 % of new 1 connection, 1 in "
          "flight"));
}

TEST(LiveView, ADrainIsABarThatGetsShorter) {
  LiveView view;
  auto draining = generation(3, "retiring", "draining", 40);
  draining.workers[0].deadline_ms = 9'000;
  const auto fresh = generation(4, "current", "accepting", 0);
  EXPECT_EQ(view.draw(service("idle", {draining, fresh}), 100).at(0),
            "  generation 3   retiring  [####################] to drain    40 connections, 1 in "
            "flight, 9s left");
  draining.workers[0].connections = 10;
  EXPECT_EQ(view.draw(service("idle", {draining, fresh}), 100).at(0),
            "  generation 3   retiring  [#####...............] to drain    10 connections, 1 in "
            "flight, 9s left");
  draining.workers[0].connections = 0;
  EXPECT_EQ(view.draw(service("idle", {draining, fresh}), 100).at(0),
            "  generation 3   retiring  [....................] to drain    0 connections, 1 in "
            "flight, 9s left");
}

TEST(LiveView, AStandbySaysHowLong) {
  LiveView view;
  auto kept = generation(3, "standby", "standby", 0);
  kept.standby_ms = 60'000;
  EXPECT_EQ(
      view.draw(service("baking", {kept, generation(4, "current", "accepting", 1)}), 100).at(1),
      "  generation 3   standby   0 connections, 1 in flight, stands by for 1m");
}

TEST(LiveView, NoLineIsWiderThanTheTerminal) {
  LiveView view;
  const auto lines = view.draw(service("starting", {generation(3, "current", "accepting", 1),
                                                    generation(4, "candidate", "starting", 0)}),
                               20);
  ASSERT_EQ(lines.size(), 3u);
  for (const std::string& line : lines)
    EXPECT_LE(line.size(), 20u);
}

}  // namespace
}  // namespace baton::ctl
