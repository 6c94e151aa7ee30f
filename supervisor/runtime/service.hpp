// One service: feeds its ServiceMachine with what happens, and performs what the machine decides.
// All decisions are the machine's; here are processes, channels, plans and the one timer. One
// thread.
#pragma once

#include "common/admin/api.hpp"
#include "supervisor/core/service_machine.hpp"
#include "supervisor/log/journal.hpp"
#include "supervisor/runtime/alarm.hpp"
#include "supervisor/runtime/deploy_log.hpp"
#include "supervisor/runtime/health_probe.hpp"
#include "supervisor/runtime/launch_plan.hpp"
#include "supervisor/runtime/worker.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace baton::runtime {

// What a service lives in; everything outlives it.
struct ServiceContext {
  boost::asio::io_context& io;
  log::Journal& journal;
  const Inheritance& inheritance;
  std::function<void()> on_progress;     // a worker has answered, or can't any more
  std::function<void()> on_worker_gone;  // and has been reaped
  DeployLog::Remember remember;          // a deploy has begun, gone on or ended
};

class Service {
 public:
  // Gets the one answer to a request, from the event loop, never from inside the request.
  using Answered = std::function<void(admin::Answer)>;

  // `past` is what is known of the service's deploys from before, newest first.
  Service(std::string name, ServiceContext context, const std::vector<admin::DeployRecord>& past);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Each returns the id of the deploy that it has begun at once; empty when it has not.
  std::string deploy(LaunchPlan plan, core::WhenBusy when_busy, Origin origin, Answered answered);
  std::string start(LaunchPlan plan, Origin origin, Answered answered);
  std::string restart(LaunchPlan plan, Origin origin, Answered answered);
  void stop(Answered answered);
  void scale(unsigned workers, Answered answered);
  void steer(core::Steer what, core::GenerationNumber generation, Answered answered);
  void stop_now();

  // Back to a generation that stands by; 0: the newest.
  bool stands_by(core::GenerationNumber generation) const { return standby(generation) != 0; }
  void roll_back(core::GenerationNumber generation, Origin origin, Answered answered);
  // Where there is none: the release to deploy again, of that generation (0: the newest that ran
  // another one than the one that serves).
  Result<std::string> earlier_release(core::GenerationNumber generation) const;

  // Why a deploy would be refused now; empty: it would not.
  std::string why_busy() const;
  core::GenerationNumber serving() const;  // 0: none
  std::vector<pid_t> serving_pids() const;

  // Sends a signal to the workers that accept. Returns how many.
  unsigned signal(int number);

  // The numbers of each worker, for status(): asked for here, complete when nobody owes them.
  void ask_progress();
  bool owes_progress() const;
  admin::ServiceStatus status() const;

  bool has_worker(pid_t pid) const;
  bool has_workers() const { return !workers_.empty(); }

 private:
  struct Request {
    core::GenerationNumber generation = 0;  // that it has begun
    Answered answered;
    std::optional<Rollback> rollback{};  // it is one, to a generation that stood by
  };
  struct Plan {
    std::shared_ptr<const LaunchPlan> launch;
    Origin origin;
  };

  core::RequestId add_request(Answered answered);
  core::RequestId add_request(LaunchPlan plan, Origin origin, Answered answered);
  // Or that it will begin, once it is its turn.
  std::string begun_by(core::RequestId request) const;
  std::string deploy_id(core::GenerationNumber generation) const;
  std::string held_by() const;
  core::GenerationNumber standby(core::GenerationNumber wanted) const;  // 0: there is none

  void feed(core::Event event);
  void arm();
  Worker* find(core::WorkerId id) const;
  WorkerCallbacks callbacks_for(core::WorkerId id, core::GenerationNumber generation);
  void on_worker_event(core::WorkerId id, core::Event event);

  void perform(const core::BeginGeneration& begin);
  void perform(const core::EndGeneration& end);
  void perform(const core::ForgetPlan& forget);
  void perform(const core::StartWorker& start);
  void perform(const core::SendListeners& send);
  void perform(const core::Activate& activate);
  void perform(const core::Probe& probe);
  void perform(const core::Count& count);
  void perform(const core::SplitLanes& split);
  void perform(const core::HandOver& hand_over);
  void perform(const core::Drain& drain);
  void perform(const core::Stop& stop);
  void perform(const core::Terminate& terminate);
  void perform(const core::Kill& kill);
  void perform(const core::EndDeploy& end);
  void perform(const core::Answer& answer);
  void perform(const core::Record& record);

  std::string name_;
  ServiceContext context_;
  core::ServiceMachine machine_;
  std::deque<core::Event> events_;  // that wait for their step
  bool stepping_ = false;
  Alarm deadline_;
  core::RequestId last_request_ = 0;
  std::map<core::RequestId, Request> requests_;
  std::map<core::RequestId, Plan> plans_;  // by who brought them
  std::map<core::GenerationNumber, std::shared_ptr<const LaunchPlan>> generations_;
  std::map<core::WorkerId, std::unique_ptr<Worker>> workers_;
  std::map<core::WorkerId, std::unique_ptr<HealthProbe>> probes_;  // that are under way
  DeployLog deploys_;
  std::shared_ptr<void> alive_ = std::make_shared<char>();  // for what is posted
};

}  // namespace baton::runtime
