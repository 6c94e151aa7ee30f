// The admin API's values, shared by batond (which serves them) and batonctl (which shows them).
// Plain values; api_json.hpp gives them their JSON form. docs/admin-api.md has the routes.
#pragma once

#include <cstdint>
#include <map>
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
  std::uint64_t errors = 0;  // of those, with a 5xx status
};

struct GenerationStatus {
  std::uint64_t number = 0;
  std::string role;     // core::to_string(GenerationRole)
  std::string release;  // the resolved directory
  std::int64_t age_ms = 0;
  unsigned wanted_workers = 0;
  unsigned restarting = 0;
  bool crash_looping = false;
  std::vector<WorkerStatus> workers;
  int weight = -1;               // percent of the new connections, in a canary; -1: no canary
  std::int64_t standby_ms = -1;  // until a standby is let go; -1: it is none, or is kept by a bake
};

struct ServiceStatus {
  std::string name;
  std::string
      state;  // running, starting, deploying, draining, degraded, crash-looping, stopping, stopped
  std::string deploy;                         // core::to_string(DeployPhase)
  std::vector<std::string> listeners;         // "web 0.0.0.0:8080"
  std::vector<GenerationStatus> generations;  // oldest first
  std::string deploy_id{};                    // "items-4", of the deploy under way; empty: none
  std::string deploy_by{};                    // who asked for it
  std::int64_t deploy_age_ms = -1;            // since it began
  std::int64_t phase_left_ms = -1;            // of a canary step, a bake; -1: no such time runs
  bool paused = false;                        // a canary that waits for `resume`
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

enum class Verb {
  deploy,
  rollback,
  promote,  // end the canary step or the bake that runs, as if its time had come
  pause,
  resume,
  abort,
  start,
  stop,
  restart,
  scale
};

// What an operator wants done to a service.
struct Operation {
  Verb verb{};
  std::string service;
  std::string release;           // deploy: a directory instead of the configured one
  std::string message;           // deploy: what for
  unsigned workers = 0;          // scale
  std::uint64_t generation = 0;  // rollback: to this one; 0: to the one before
  std::string target;            // abort: only this deploy, "items-4"; empty: the one under way
  bool ignore_memory = false;    // deploy, rollback: though memory may not suffice for both
};

// The one answer to an Operation.
struct Answer {
  std::string outcome;  // core::to_string(Outcome)
  std::string reason;
  std::string deploy;  // "items-4"; empty where none was made
  std::uint64_t generation = 0;
};

// What a deploy would do, without doing it.
struct DryRun {
  std::string service;
  std::string release;                // the resolved directory
  std::vector<std::string> steps;     // one sentence each, in their order
  std::vector<std::string> problems;  // why it would be refused now; empty: it would not
};

// When a deploy entered a phase.
struct PhaseTime {
  std::string phase;  // core::to_string(DeployPhase), and "cut_over"
  std::int64_t time_ms = 0;
};

// What a deploy has cost.
struct DeployAccount {
  std::uint64_t finished = 0;     // requests that workers answered after they were told to drain
  std::uint64_t handed_over = 0;  // connections
  std::uint64_t cut_off = 0;      // requests
  // The kernel's own counters of what it dropped on this host meanwhile (/proc/net/netstat), by
  // name; only those that have grown.
  std::map<std::string, std::uint64_t> kernel;
};

// A deploy, for good.
struct DeployRecord {
  std::string id;  // "items-4"
  std::string service;
  std::uint64_t generation = 0;
  std::string kind;     // deploy, rollback, start, restart, retry
  std::string release;  // the resolved directory
  std::string digest;   // "sha256:..." of the program's file; empty: it could not be read
  std::string by;       // "alice (uid 1000)", "SIGHUP", ...
  std::string message;
  std::int64_t started_ms = 0;
  std::int64_t finished_ms = 0;  // 0: it runs still
  std::string outcome;           // running, interrupted, or core::to_string(Outcome)
  std::string reason;
  std::vector<PhaseTime> phases;
  DeployAccount account;
};

}  // namespace baton::admin
