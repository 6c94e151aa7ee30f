// The machine's actions, carried out.
#include "supervisor/runtime/handover.hpp"
#include "supervisor/runtime/happening_level.hpp"
#include "supervisor/runtime/service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

namespace baton::runtime {

using Clock = std::chrono::steady_clock;

void Service::perform(const core::BeginGeneration& begin) {
  const Plan& plan = plans_.at(begin.plan);
  generations_[begin.generation] = plan.launch;
  Origin origin = plan.origin;
  const auto request = requests_.find(begin.plan);
  if (request != requests_.end() && request->second.generation == 0) {
    request->second.generation = begin.generation;
  } else {
    origin.kind = "retry";  // of a deploy that has been answered
  }
  deploys_.begin(begin.generation, origin, plan.launch->release.string(),
                 plan.launch->release / plan.launch->command.front());
}

void Service::perform(const core::EndGeneration& end) {
  generations_.erase(end.generation);
}

void Service::perform(const core::ForgetPlan& forget) {
  plans_.erase(forget.plan);
}

void Service::perform(const core::StartWorker& start) {
  auto worker = Worker::start(context_.io, name_, start.worker, start.generation,
                              generations_.at(start.generation), context_.inheritance,
                              callbacks_for(start.worker, start.generation));
  if (worker) {
    workers_.emplace(start.worker, std::move(*worker));
  } else {
    feed(core::WorkerNotStarted{start.worker, worker.error().message});
  }
}

void Service::perform(const core::SendListeners& send) {
  if (Worker* worker = find(send.worker)) worker->send_listeners();
}

void Service::perform(const core::Activate& activate) {
  if (Worker* worker = find(activate.worker)) worker->tell(protocol::Activate{activate.lanes});
}

void Service::perform(const core::Probe& probe) {
  const Worker* const worker = find(probe.worker);
  if (worker == nullptr || worker->probe_listener() == nullptr) return;
  probes_[probe.worker] = std::make_unique<HealthProbe>(
      context_.io, worker->probe_listener()->path(), *worker->plan().health,
      [this, id = probe.worker](std::optional<std::string> trouble) {
        probes_.erase(id);
        feed(core::WorkerProbed{id, std::move(trouble)});
      });
}

void Service::perform(const core::Count& count) {
  if (Worker* worker = find(count.worker)) worker->ask_progress();
}

void Service::perform(const core::SplitLanes& split) {
  const LaunchPlan& plan = *generations_.at(split.generation);
  for (const auto& listener : plan.listeners) {
    if (const auto done = listener->split(split.weight, plan.split); !done) {
      admin::Event event;
      event.kind = "split_failed";
      event.service = name_;
      event.generation = split.generation;
      event.text = "the new connections are split as before: " + done.error().message;
      context_.journal.record(log::Level::error, std::move(event));
    }
  }
}

void Service::perform(const core::HandOver& hand_over) {
  Worker* const giver = find(hand_over.worker);
  if (giver == nullptr) return;
  std::vector<Worker*> takers;
  for (const auto& generation : machine_.view(Clock::now()).generations) {
    if (generation.number != hand_over.taker) continue;
    for (const core::WorkerView& worker : generation.workers) {
      if (core::accepts(worker.phase) && worker.id != hand_over.worker)
        takers.push_back(find(worker.id));
    }
  }
  connect_for_handover(*giver, takers, hand_over.worker);
}

void Service::perform(const core::Drain& drain) {
  const auto backlog =
      drain.backlog == core::Backlog::serve ? protocol::Backlog::serve : protocol::Backlog::leave;
  if (Worker* worker = find(drain.worker)) {
    worker->tell(protocol::Drain{.timeout = drain.timeout, .backlog = backlog});
  }
}

void Service::perform(const core::Stop& stop) {
  if (Worker* worker = find(stop.worker)) worker->tell(protocol::Stop{});
}

void Service::perform(const core::Terminate& terminate) {
  if (const Worker* worker = find(terminate.worker)) worker->signal(SIGTERM);
}

void Service::perform(const core::Kill& kill) {
  if (const Worker* worker = find(kill.worker)) worker->signal(SIGKILL);
}

void Service::perform(const core::EndDeploy& end) {
  deploys_.end(end);
}

void Service::perform(const core::Answer& answer) {
  const auto request = requests_.find(answer.request);
  if (request == requests_.end()) return;
  admin::Answer told;
  told.outcome = core::to_string(answer.outcome);
  told.reason = answer.reason;
  told.generation = answer.generation;
  if (answer.outcome == core::Outcome::busy) told.reason += held_by();
  if (!request->second.rollback) {
    told.deploy = begun_by(answer.request);
  } else if (answer.outcome != core::Outcome::busy) {
    deploys_.rolled_back(*request->second.rollback, told);
  }
  // Posted, so that nobody is called back from inside the call that asked; kept until then, so that
  // the call can still say which deploy it has begun.
  boost::asio::post(context_.io, [this, alive = std::weak_ptr(alive_), id = answer.request,
                                  told = std::move(told)] {
    if (alive.expired()) return;
    const auto answered = std::move(requests_.at(id).answered);
    requests_.erase(id);
    if (answered) answered(told);  // may destroy this
  });
}

void Service::perform(const core::Record& record) {
  deploys_.note(record);
  admin::Event event;
  event.kind = core::to_string(record.what);
  event.service = name_;
  event.generation = record.generation;
  event.text = record.text;
  if (belongs_to_deploy(record.what)) event.deploy = deploy_id(record.generation);
  if (record.worker) {
    if (const Worker* worker = find(*record.worker)) event.pid = worker->pid();
  }
  context_.journal.record(level_of(record.what), std::move(event));
}

}  // namespace baton::runtime
