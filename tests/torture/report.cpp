#include "tests/torture/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace baton::torture {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Json losses_json(const Report& report) {
  Json result = Json::object();
  for (const auto& [loss, count] : report.losses)
    result[to_string(loss)] = count;
  return result;
}

Json generations_json(const Report& report) {
  Json result = Json::array();
  for (const auto& [number, seen] : report.generations) {
    result.push_back({{"generation", number},
                      {"answers", seen.answers},
                      {"workers", seen.pids.size()},
                      {"first_s", seconds(seen.first - report.started)},
                      {"last_s", seconds(seen.last - report.started)}});
  }
  return result;
}

Json latencies_json(const Report& report) {
  return {{"p50", report.latency(0.5).count()},
          {"p99", report.latency(0.99).count()},
          {"p99.9", report.latency(0.999).count()},
          {"max", report.latency(1).count()}};
}

}  // namespace

std::chrono::microseconds Report::latency(double share) const {
  if (latencies_us.empty()) return std::chrono::microseconds{0};
  const auto size = static_cast<double>(latencies_us.size());
  const auto rank = static_cast<std::size_t>(std::ceil(share * size));
  return std::chrono::microseconds{
      latencies_us[std::clamp<std::size_t>(rank, 1, latencies_us.size()) - 1]};
}

std::string to_json(const Report& report) {
  const double elapsed = seconds(report.ended - report.started);
  Json statuses = Json::object();
  for (const auto& [status, count] : report.statuses)
    statuses[std::to_string(status)] = count;
  const Json result = {
      {"passed", report.passed()},
      {"sent", report.sent},
      {"answered", report.answered},
      {"lost_requests", report.lost_requests},
      {"lost_connections", report.lost_connections},
      {"losses", losses_json(report)},
      {"examples", report.examples},
      {"connections", report.connections},
      {"connections_per_client_max", report.connections_per_client_max},
      {"close_answers", report.close_answers},
      {"sent_again", report.sent_again},
      {"statuses", statuses},
      {"acknowledged", report.acknowledged.size()},
      {"generations", generations_json(report)},
      {"latency_us", latencies_json(report)},
      {"longest_silence_us", report.longest_silence.count()},
      {"seconds", elapsed},
      {"answers_per_second", elapsed > 0 ? static_cast<double>(report.answered) / elapsed : 0.0},
  };
  return result.dump(2);
}

}  // namespace baton::torture
