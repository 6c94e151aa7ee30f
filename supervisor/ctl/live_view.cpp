#include "supervisor/ctl/live_view.hpp"

#include "supervisor/ctl/status_table.hpp"

#include <algorithm>

namespace baton::ctl {
namespace {

constexpr std::size_t bar_width = 20;

std::string bar(std::uint64_t part, std::uint64_t whole) {
  const auto filled =
      whole == 0 ? 0 : std::min<std::size_t>(bar_width, (part * bar_width + whole - 1) / whole);
  return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "]";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

struct Sum {
  std::uint64_t connections = 0;
  std::uint64_t in_flight = 0;
  std::int64_t left_ms = -1;
  bool drains = false;
};

Sum sum_of(const admin::GenerationStatus& generation) {
  Sum sum;
  for (const admin::WorkerStatus& worker : generation.workers) {
    sum.connections += worker.connections;
    sum.in_flight += worker.in_flight;
    sum.left_ms = std::max(sum.left_ms, worker.deadline_ms);
    sum.drains = sum.drains || worker.phase == "draining";
  }
  return sum;
}

std::string deploy_line(const admin::ServiceStatus& service) {
  std::string line = "  " + service.name + ": " + service.deploy;
  if (service.phase_left_ms >= 0) line += ", " + format_age(service.phase_left_ms) + " left";
  if (service.paused) line += ", paused";
  return line;
}

}  // namespace

std::string LiveView::draw(const admin::GenerationStatus& generation) {
  const Sum sum = sum_of(generation);
  std::uint64_t& most = most_connections_[generation.number];
  most = std::max(most, sum.connections);
  std::string line =
      "  generation " + padded(std::to_string(generation.number), 4) + padded(generation.role, 10);
  if (generation.weight >= 0) {
    line += bar(static_cast<std::uint64_t>(generation.weight), 100) + " " +
            padded(std::to_string(generation.weight) + " % of new", 12);
  } else if (sum.drains) {
    line += bar(sum.connections, most) + " " + padded("to drain", 12);
  }
  line +=
      count(sum.connections, "connection") + ", " + std::to_string(sum.in_flight) + " in flight";
  if (sum.drains && sum.left_ms >= 0) line += ", " + format_age(sum.left_ms) + " left";
  if (generation.standby_ms >= 0) line += ", stands by for " + format_age(generation.standby_ms);
  return line;
}

std::vector<std::string> LiveView::draw(const admin::ServiceStatus& service, std::size_t columns) {
  const bool alone = service.deploy == "idle" && service.generations.size() < 2;
  if (alone) return {};
  std::vector<std::string> lines;
  if (service.deploy != "idle") lines.push_back(deploy_line(service));
  for (const admin::GenerationStatus& generation : service.generations)
    lines.push_back(draw(generation));
  for (std::string& line : lines)
    line.resize(std::min(line.size(), columns));
  return lines;
}

}  // namespace baton::ctl
