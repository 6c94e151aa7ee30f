// What a torture run saw, and its JSON form. Plain values.
#pragma once

#include "tests/torture/loss.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace baton::torture {

using Clock = std::chrono::steady_clock;

// What answered as one generation (X-Worker: <generation>.<pid>).
struct GenerationSeen {
  std::uint64_t answers = 0;
  Clock::time_point first;
  Clock::time_point last;
  std::set<int> pids;
};

// A POST that was answered 201: the server owes us this item.
struct Acknowledged {
  std::int64_t id = 0;
  std::string name;
};

struct Report {
  std::uint64_t sent = 0;  // each of them was answered or lost
  std::uint64_t answered = 0;
  std::uint64_t lost_requests = 0;
  std::uint64_t lost_connections = 0;  // closed while no request was owed
  std::map<Loss, std::uint64_t> losses;
  std::vector<std::string> examples;  // of losses, one sentence each, the first twenty
  std::uint64_t connections = 0;
  std::uint64_t connections_per_client_max = 0;
  std::uint64_t sent_again = 0;     // unanswered on a connection that the server had said it closes
  std::uint64_t close_answers = 0;  // that bore "Connection: close" though we had not asked for it
  std::map<int, std::uint64_t> statuses;
  std::map<std::uint64_t, GenerationSeen> generations;
  std::vector<Acknowledged> acknowledged;
  std::vector<std::uint32_t> latencies_us;       // sorted once the run is over
  std::chrono::microseconds longest_silence{0};  // between two answers, whoever got them
  Clock::time_point started;
  Clock::time_point ended;

  // Nothing was lost, and there was something to lose.
  bool passed() const { return answered > 0 && lost_requests == 0 && lost_connections == 0; }

  // The latency that `share` (0 to 1) of all answers did not exceed; 0 without answers.
  std::chrono::microseconds latency(double share) const;
};

// One object, indented, without the acknowledged items.
std::string to_json(const Report& report);

}  // namespace baton::torture
