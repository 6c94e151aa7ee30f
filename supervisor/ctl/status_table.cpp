#include "supervisor/ctl/status_table.hpp"

#include "supervisor/ctl/table.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace baton::ctl {
namespace {

constexpr const char* green = "\033[32m";
constexpr const char* yellow = "\033[33m";
constexpr const char* red = "\033[31m";
constexpr const char* plain = "\033[0m";

std::string paint(const std::string& state, Colour colour) {
  if (colour == Colour::no) return state;
  const bool bad = state == "crash-looping" || state == "degraded" || state == "stopped";
  return (state == "running" ? green : bad ? red : yellow) + state + plain;
}

std::string listener_list(const admin::ServiceStatus& service) {
  std::string text;
  for (const std::string& listener : service.listeners)
    text += (text.empty() ? "" : ", ") + listener;
  return text;
}

// Of what the worker does, or of the standby that it is kept for.
std::string time_left(const admin::GenerationStatus& generation,
                      const admin::WorkerStatus& worker) {
  const std::int64_t left = worker.deadline_ms >= 0 ? worker.deadline_ms : generation.standby_ms;
  return left >= 0 ? format_age(left) : "";
}

// "deploy: canary (items-4 by alice (uid 1000), 23s left, paused)"
std::string describe_deploy(const admin::ServiceStatus& service) {
  std::string text = "  deploy: " + service.deploy;
  if (service.deploy_id.empty()) return text;
  text += " (" + service.deploy_id + " by " + service.deploy_by;
  if (service.phase_left_ms >= 0) text += ", " + format_age(service.phase_left_ms) + " left";
  return text + (service.paused ? ", paused)" : ")");
}

std::vector<std::string> worker_row(const admin::GenerationStatus& generation,
                                    const admin::WorkerStatus& worker) {
  const auto counted = [&](std::uint64_t number) {
    return worker.counted ? std::to_string(number) : std::string{};
  };
  return {std::to_string(generation.number),
          generation.role,
          worker.pid > 0 ? std::to_string(worker.pid) : "",
          worker.phase,
          format_age(worker.uptime_ms),
          counted(worker.connections),
          counted(worker.in_flight),
          counted(worker.requests),
          generation.weight >= 0 ? std::to_string(generation.weight) + " %" : "",
          time_left(generation, worker),
          generation.release};
}

std::string format_service(const admin::ServiceStatus& service, Colour colour) {
  std::string text = service.name + "  " + paint(service.state, colour);
  if (service.deploy != "idle") text += describe_deploy(service);
  text += "  " + listener_list(service) + "\n";

  std::vector<std::vector<std::string>> rows{{"GEN", "ROLE", "PID", "PHASE", "UPTIME", "CONN",
                                              "IN FLIGHT", "REQUESTS", "SHARE", "TIME LEFT",
                                              "RELEASE"}};
  for (const admin::GenerationStatus& generation : service.generations) {
    for (const admin::WorkerStatus& worker : generation.workers) {
      rows.push_back(worker_row(generation, worker));
    }
    for (unsigned i = 0; i < generation.restarting; ++i) {
      rows.push_back({std::to_string(generation.number), generation.role, "",
                      generation.crash_looping ? "crash loop" : "restarting", "", "", "", "", "",
                      "", generation.release});
    }
  }
  if (rows.size() == 1) return text;
  std::string table = format_table(rows);
  std::string indented;
  for (std::size_t begin = 0; begin < table.size();) {
    const std::size_t end = table.find('\n', begin) + 1;
    indented += "  " + table.substr(begin, end - begin);
    begin = end;
  }
  return text + indented;
}

}  // namespace

bool is_running(const admin::ServiceStatus& service) {
  static constexpr std::array running{"running", "deploying", "draining"};
  return std::find(running.begin(), running.end(), service.state) != running.end();
}

std::string format_age(std::int64_t milliseconds) {
  const std::int64_t seconds = std::max<std::int64_t>(0, milliseconds) / 1000;
  const auto two = [](std::int64_t large, const char* large_unit, std::int64_t small,
                      const char* small_unit) {
    return std::to_string(large) + large_unit +
           (small > 0 ? std::to_string(small) + small_unit : std::string{});
  };
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return two(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 86'400) return two(seconds / 3600, "h", seconds / 60 % 60, "m");
  return two(seconds / 86'400, "d", seconds / 3600 % 24, "h");
}

std::string format_status(const admin::Status& status, Colour colour) {
  std::string text;
  for (const admin::ServiceStatus& service : status.services) {
    if (!text.empty()) text += "\n";
    text += format_service(service, colour);
  }
  return text.empty() ? "no services\n" : text;
}

}  // namespace baton::ctl
