// One worker of a generation: its process, its channel and its two output pipes, from spawn to
// exit. One thread.
//
// Ends in exactly one event, core::WorkerExited or core::WorkerNotStarted; after it nothing more
// comes, and the owner destroys the worker. What the worker said and printed before comes first.
#pragma once

#include "supervisor/core/event.hpp"
#include "supervisor/runtime/launch_plan.hpp"
#include "supervisor/runtime/probe_listener.hpp"
#include "supervisor/runtime/worker_output.hpp"
#include "supervisor/runtime/worker_process.hpp"
#include "supervisor/runtime/worker_session.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace baton::runtime {

// Called from the event loop, or from inside a call to the worker.
struct WorkerCallbacks {
  std::function<void(core::Event)> on_event;  // the last one may destroy the worker
  std::function<void()> on_progress;          // it has answered with its numbers
  std::function<void(const char* stream, std::string text)> on_line;
};

class Worker {
 public:
  // An error is the reason for core::WorkerNotStarted, which the caller reports.
  // `name` is the service's.
  static Result<std::unique_ptr<Worker>> start(boost::asio::io_context& io, const std::string& name,
                                               core::WorkerId id, core::GenerationNumber generation,
                                               std::shared_ptr<const LaunchPlan> plan,
                                               const Inheritance& inheritance,
                                               WorkerCallbacks callbacks);

  pid_t pid() const { return process_.pid(); }
  const LaunchPlan& plan() const { return *plan_; }
  core::GenerationNumber generation() const { return generation_; }
  std::chrono::steady_clock::time_point started() const { return started_; }

  void send_listeners();
  // The fds are borrowed for the call.
  void tell(const protocol::FromSupervisor& message, std::span<const int> fds = {}) {
    session_.send(message, fds);
  }
  bool can_hand_over() const { return session_.can_hand_over(); }
  void signal(int number) const { process_.signal(number); }

  // Where it is asked how it is; null without a health gate.
  const ProbeListener* probe_listener() const { return probe_ ? &*probe_ : nullptr; }

  // Asks for its numbers, unless it is not connected or still owes them.
  void ask_progress();
  bool owes_progress() const { return owes_progress_; }
  // The last numbers; empty before the first and while it owes new ones.
  std::optional<protocol::Progress> progress() const;

 private:
  Worker(boost::asio::io_context& io, core::WorkerId id, core::GenerationNumber generation,
         std::shared_ptr<const LaunchPlan> plan, SpawnRequest request, Spawned spawned,
         UniqueFd channel, std::optional<ProbeListener> probe, WorkerCallbacks callbacks);

  void on_session_event(core::Event event);
  void on_error_line(std::string line);
  void on_exit(core::ExitStatus status);

  core::WorkerId id_;
  core::GenerationNumber generation_;
  std::shared_ptr<const LaunchPlan> plan_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  WorkerCallbacks callbacks_;
  SpawnRequest request_;
  std::optional<ProbeListener> probe_;
  UniqueFd exec_report_;  // empty once the worker has spoken: then it has executed
  WorkerSession session_;
  WorkerOutput output_;
  WorkerOutput errors_;
  WorkerProcess process_;
  std::string last_error_line_;  // its beginning
  protocol::Progress progress_;
  bool has_progress_ = false;
  bool owes_progress_ = false;
};

}  // namespace baton::runtime
