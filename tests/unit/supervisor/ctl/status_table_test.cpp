// The status as it stands on the screen, letter by letter.
#include "supervisor/ctl/status_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace baton::ctl {
namespace {

admin::WorkerStatus worker(int pid, const std::string& phase, std::int64_t uptime_ms) {
  admin::WorkerStatus status;
  status.pid = pid;
  status.phase = phase;
  status.uptime_ms = uptime_ms;
  return status;
}

admin::WorkerStatus counted(admin::WorkerStatus status, std::uint64_t connections,
                            std::uint64_t in_flight, std::uint64_t requests) {
  status.counted = true;
  status.connections = connections;
  status.in_flight = in_flight;
  status.requests = requests;
  return status;
}

admin::WorkerStatus due_in(admin::WorkerStatus status, std::int64_t deadline_ms) {
  status.deadline_ms = deadline_ms;
  return status;
}

admin::GenerationStatus generation(std::uint64_t number, const std::string& role,
                                   std::vector<admin::WorkerStatus> workers) {
  admin::GenerationStatus status;
  status.number = number;
  status.role = role;
  status.release = "/srv/items/r" + std::to_string(number);
  status.wanted_workers = static_cast<unsigned>(workers.size());
  status.workers = std::move(workers);
  return status;
}

admin::ServiceStatus service(const std::string& state,
                             std::vector<admin::GenerationStatus> generations) {
  return {"items", state, "idle", {"web 0.0.0.0:8080"}, std::move(generations), {}, {}};
}

std::string show(const admin::ServiceStatus& status) {
  return format_status({"1.2.3", 1, 0, {status}}, Colour::no);
}

TEST(StatusTable, RunningService) {
  EXPECT_EQ(show(service("running",
                         {generation(7, "current",
                                     {counted(worker(4712, "accepting", 3'720'000), 12, 3, 98765),
                                      counted(worker(813, "accepting", 59'999), 0, 0, 0)})})),
            "items  running  web 0.0.0.0:8080\n"
            "  GEN  ROLE      PID  PHASE      UPTIME  CONN  IN FLIGHT  REQUESTS  RELEASE\n"
            "    7  current  4712  accepting  1h2m      12          3     98765  /srv/items/r7\n"
            "    7  current   813  accepting  59s        0          0         0  /srv/items/r7\n");
}

TEST(StatusTable, DeployWithADrainAndAWorkerThatDoesNotSayItsNumbers) {
  auto deploying =
      service("deploying",
              {generation(7, "retiring",
                          {due_in(counted(worker(4712, "draining", 90'000), 2, 1, 40), 8'400)}),
               generation(8, "current", {worker(5120, "activating", 400)})});
  deploying.deploy = "cutting_over";
  deploying.listeners.push_back("admin unix:/run/items.sock");
  EXPECT_EQ(
      show(deploying),
      "items  deploying  deploy: cutting_over  web 0.0.0.0:8080, admin unix:/run/items.sock\n"
      "  GEN  ROLE       PID  PHASE       UPTIME  CONN  IN FLIGHT  REQUESTS  TIME LEFT  RELEASE\n"
      "    7  retiring  4712  draining    1m30s      2          1        40  8s         "
      "/srv/items/r7\n"
      "    8  current   5120  activating  0s                                            "
      "/srv/items/r8\n");
}

TEST(StatusTable, WorkersThatAreMissingHaveARowOfTheirOwn) {
  auto one = generation(3, "current", {worker(4712, "accepting", 1000)});
  one.restarting = 1;
  EXPECT_EQ(show(service("degraded", {one})),
            "items  degraded  web 0.0.0.0:8080\n"
            "  GEN  ROLE      PID  PHASE       UPTIME  RELEASE\n"
            "    3  current  4712  accepting   1s      /srv/items/r3\n"
            "    3  current        restarting          /srv/items/r3\n");
  one.workers.clear();
  one.crash_looping = true;
  EXPECT_EQ(show(service("crash-looping", {one})),
            "items  crash-looping  web 0.0.0.0:8080\n"
            "  GEN  ROLE     PHASE       RELEASE\n"
            "    3  current  crash loop  /srv/items/r3\n");
}

TEST(StatusTable, StoppedServiceHasNoTable) {
  EXPECT_EQ(show(service("stopped", {})), "items  stopped  web 0.0.0.0:8080\n");
}

TEST(StatusTable, ServicesAreABlankLineApart) {
  EXPECT_EQ(format_status({"", 1, 0, {service("stopped", {}), service("stopped", {})}}, Colour::no),
            "items  stopped  web 0.0.0.0:8080\n"
            "\n"
            "items  stopped  web 0.0.0.0:8080\n");
  EXPECT_EQ(format_status({}, Colour::no), "no services\n");
}

TEST(StatusTable, ColourSaysHowItIs) {
  const auto painted = [](const std::string& state) {
    return format_status({"", 1, 0, {service(state, {})}}, Colour::yes);
  };
  EXPECT_EQ(painted("running"), "items  \033[32mrunning\033[0m  web 0.0.0.0:8080\n");
  EXPECT_EQ(painted("draining"), "items  \033[33mdraining\033[0m  web 0.0.0.0:8080\n");
  for (const std::string state : {"crash-looping", "degraded", "stopped"})
    EXPECT_EQ(painted(state), "items  \033[31m" + state + "\033[0m  web 0.0.0.0:8080\n");
}

TEST(StatusTable, RunningMeansServingAsItShould) {
  for (const char* state : {"running", "deploying", "draining"})
    EXPECT_TRUE(is_running(service(state, {}))) << state;
  for (const char* state :
       {"starting", "degraded", "crash-looping", "stopping", "stopped", "of another version", ""})
    EXPECT_FALSE(is_running(service(state, {}))) << state;
}

TEST(StatusTable, AgesHaveTwoUnitsAtMost) {
  const std::vector<std::pair<std::int64_t, const char*>> rows{
      {-5, "0s"},         {999, "0s"},           {59'999, "59s"},
      {60'000, "1m"},     {61'000, "1m1s"},      {3'599'999, "59m59s"},
      {3'600'000, "1h"},  {11'520'000, "3h12m"}, {86'399'999, "23h59m"},
      {86'400'000, "1d"}, {446'400'000, "5d4h"},
  };
  for (const auto& [milliseconds, text] : rows)
    EXPECT_EQ(format_age(milliseconds), text) << milliseconds;
}

TEST(StatusTable, ACanaryShowsItsSharesAndWhoseItIs) {
  auto old = generation(7, "current", {worker(1, "accepting", 60'000)});
  auto fresh = generation(8, "candidate", {worker(2, "accepting", 5'000)});
  old.weight = 95;
  fresh.weight = 5;
  auto canary = service("deploying", {old, fresh});
  canary.deploy = "canary";
  canary.deploy_id = "items-8";
  canary.deploy_by = "alice (uid 1000)";
  canary.phase_left_ms = 23'000;
  canary.paused = true;
  EXPECT_EQ(show(canary),
            "items  deploying  deploy: canary (items-8 by alice (uid 1000), 23s left, paused)  "
            "web 0.0.0.0:8080\n"
            "  GEN  ROLE       PID  PHASE      UPTIME  SHARE  RELEASE\n"
            "    7  current      1  accepting  1m      95 %   /srv/items/r7\n"
            "    8  candidate    2  accepting  5s      5 %    /srv/items/r8\n");
}

TEST(StatusTable, AStandbyShowsHowLongItIsKept) {
  auto kept = generation(7, "standby", {worker(1, "standby", 60'000)});
  kept.standby_ms = 90'000;
  EXPECT_EQ(show(service("running", {kept})),
            "items  running  web 0.0.0.0:8080\n"
            "  GEN  ROLE     PID  PHASE    UPTIME  TIME LEFT  RELEASE\n"
            "    7  standby    1  standby  1m      1m30s      /srv/items/r7\n");
}

}  // namespace
}  // namespace baton::ctl
