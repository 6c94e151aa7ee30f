#include "service_driver.hpp"

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace baton::core {

ServicePolicy ServiceDriver::policy(unsigned workers) {
  ServicePolicy policy;
  policy.workers = workers;
  return policy;
}

RequestId ServiceDriver::deploy(unsigned workers, WhenBusy when_busy) {
  return deploy(policy(workers), when_busy);
}

RequestId ServiceDriver::deploy(const ServicePolicy& policy, WhenBusy when_busy) {
  const RequestId request = ++last_request_;
  send(DeployRequested{request, policy, when_busy});
  return request;
}

RequestId ServiceDriver::start() {
  const RequestId request = ++last_request_;
  send(StartRequested{request, policy()});
  return request;
}

RequestId ServiceDriver::stop() {
  const RequestId request = ++last_request_;
  send(StopRequested{request});
  return request;
}

RequestId ServiceDriver::restart() {
  const RequestId request = ++last_request_;
  send(RestartRequested{request, policy()});
  return request;
}

RequestId ServiceDriver::scale(unsigned workers) {
  const RequestId request = ++last_request_;
  send(ScaleRequested{request, workers});
  return request;
}

RequestId ServiceDriver::rollback(GenerationNumber generation) {
  const RequestId request = ++last_request_;
  send(RollbackRequested{request, generation});
  return request;
}

RequestId ServiceDriver::steer(Steer what, GenerationNumber generation) {
  const RequestId request = ++last_request_;
  send(SteerRequested{request, what, generation});
  return request;
}

void ServiceDriver::send(const Event& event) {
  std::vector<Event> pending{event};
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const Event next = pending[i];
    for (const Action& action : machine_.step(next, now_)) {
      actions_.push_back(action);
      if (workers_ == Workers::behave) perform(action, pending);
    }
  }
}

void ServiceDriver::pass(Duration duration) {
  const TimePoint end = now_ + duration;
  for (auto due = machine_.next_deadline(); due && *due <= end; due = machine_.next_deadline()) {
    now_ = std::max(now_, *due);
    send(TimePassed{});
  }
  now_ = end;
}

void ServiceDriver::leap(Duration duration) {
  now_ += duration;
  send(TimePassed{});
}

void ServiceDriver::perform(const Action& action, std::vector<Event>& follow_up) const {
  if (const auto* start = std::get_if<StartWorker>(&action)) {
    follow_up.push_back(WorkerConnected{start->worker});
  } else if (const auto* listeners = std::get_if<SendListeners>(&action)) {
    follow_up.push_back(WorkerReady{listeners->worker});
  } else if (const auto* activate = std::get_if<Activate>(&action)) {
    follow_up.push_back(WorkerAccepting{activate->worker});
  } else if (const auto* drain = std::get_if<Drain>(&action)) {
    follow_up.push_back(WorkerDrained{drain->worker, 0, 0});
  } else if (const auto* probe = std::get_if<Probe>(&action)) {
    follow_up.push_back(WorkerProbed{probe->worker, health_});
  } else if (const auto* stop = std::get_if<Stop>(&action)) {
    follow_up.push_back(WorkerExited{stop->worker, {false, 0}});
  } else if (const auto* terminate = std::get_if<Terminate>(&action)) {
    follow_up.push_back(WorkerExited{terminate->worker, {true, SIGTERM}});
  } else if (const auto* kill = std::get_if<Kill>(&action)) {
    follow_up.push_back(WorkerExited{kill->worker, {true, SIGKILL}});
  }
}

std::vector<WorkerId> ServiceDriver::workers_of(GenerationNumber generation) const {
  std::vector<WorkerId> ids;
  for (const GenerationView& each : view().generations) {
    if (each.number != generation) continue;
    for (const WorkerView& worker : each.workers)
      ids.push_back(worker.id);
  }
  return ids;
}

WorkerPhase ServiceDriver::phase_of(WorkerId id) const {
  for (const GenerationView& each : view().generations) {
    for (const WorkerView& worker : each.workers) {
      if (worker.id == id) return worker.phase;
    }
  }
  throw std::out_of_range("there is no such worker");
}

std::optional<Answer> ServiceDriver::answer_to(RequestId request) const {
  std::optional<Answer> found;
  for (const Answer& answer : asked<Answer>()) {
    if (answer.request != request) continue;
    if (found) throw std::logic_error("a request was answered twice");
    found = answer;
  }
  return found;
}

std::vector<std::string> ServiceDriver::records(Happening what) const {
  std::vector<std::string> texts;
  for (const Record& record : asked<Record>()) {
    if (record.what == what) texts.push_back(record.text);
  }
  return texts;
}

GenerationNumber ServiceDriver::current() const {
  for (const GenerationView& each : view().generations) {
    if (each.role == GenerationRole::current) return each.number;
  }
  return 0;
}

}  // namespace baton::core
