// The admin API's values, shared by batond (which serves them) and batonctl (which shows them).
// Plain values; api_json.hpp gives them their JSON form. docs/admin-api.md has the routes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::admin {

inline constexpr int schema = 1;

struct WorkerStatus {
  int pid = 0;
  std::string phase;  // core::to_string(WorkerPhase)
  std::int64_t uptime_ms = 0;
  std::int64_t deadline_ms = -1;  // until what it waits for is overdue; -1: it waits for nothing
  bool counted = false;           // whether the worker answered with the numbers below
  std::uint64_t connections = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t requests = 0;
};

struct GenerationStatus {
  std::uint64_t number = 0;
  std::string role;     // candidate, current, retiring
  std::string release;  // the resolved directory
  std::int64_t age_ms = 0;
  unsigned wanted_workers = 0;
  unsigned restarting = 0;
  bool crash_looping = false;
  std::vector<WorkerStatus> workers;
};

struct ServiceStatus {
  std::string name;
  std::string
      state;  // running, starting, deploying, draining, degraded, crash-looping, stopping, stopped
  std::string deploy;                         // core::to_string(DeployPhase)
  std::vector<std::string> listeners;         // "web 0.0.0.0:8080"
  std::vector<GenerationStatus> generations;  // oldest first
};

struct Status {
  std::string version;
  int pid = 0;
  std::int64_t uptime_ms = 0;
  std::vector<ServiceStatus> services;
};

// One thing that the supervisor did or saw.
struct Event {
  std::uint64_t sequence = 0;  // from 1, without gaps
  std::int64_t time_ms = 0;    // since 1970, UTC
  std::string level;           // info, warn, error
  std::string kind;            // core::to_string(Happening), and reload, listener_bound, ...
  std::string service;
  std::uint64_t generation = 0;
  int pid = 0;
  std::string deploy;  // "items-4"; empty outside a deploy
  std::string text;
};

// One line that a worker printed.
struct LogLine {
  std::uint64_t sequence = 0;
  std::int64_t time_ms = 0;
  std::string service;
  std::uint64_t generation = 0;
  int pid = 0;
  std::string stream;  // out, err
  std::string text;    // UTF-8; other bytes are replaced
};

enum class Verb { deploy, start, stop, restart, scale };

// What an operator wants done to a service.
struct Operation {
  Verb verb{};
  std::string service;
  std::string release;   // deploy: a directory instead of the configured one
  std::string message;   // deploy: what for
  unsigned workers = 0;  // scale
};

// The one answer to an Operation.
struct Answer {
  std::string outcome;  // core::to_string(Outcome)
  std::string reason;
  std::string deploy;  // "items-4"; empty where none was made
  std::uint64_t generation = 0;
};

}  // namespace baton::admin
