#include "supervisor/runtime/service.hpp"

#include "supervisor/runtime/handover.hpp"
#include "supervisor/runtime/happening_level.hpp"
#include "supervisor/runtime/service_status.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <utility>
#include <variant>

namespace baton::runtime {

using Clock = std::chrono::steady_clock;

Service::Service(std::string name, ServiceContext context)
    : name_(std::move(name)), context_(std::move(context)), deadline_(context_.io) {}

Service::~Service() = default;

// ---- what operators ask for

std::string Service::deploy(LaunchPlan plan, core::WhenBusy when_busy, Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(answered));
  feed(core::DeployRequested{request, policy, when_busy});
  return begun_by(request);
}

std::string Service::start(LaunchPlan plan, Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(answered));
  feed(core::StartRequested{request, policy});
  return begun_by(request);
}

std::string Service::restart(LaunchPlan plan, Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(answered));
  feed(core::RestartRequested{request, policy});
  return begun_by(request);
}

void Service::stop(Answered answered) {
  feed(core::StopRequested{add_request(std::move(answered))});
}

void Service::scale(unsigned workers, Answered answered) {
  feed(core::ScaleRequested{add_request(std::move(answered)), workers});
}

void Service::stop_now() {
  feed(core::StopNowRequested{});
}

core::RequestId Service::add_request(Answered answered) {
  requests_.emplace(++last_request_, Request{.answered = std::move(answered)});
  return last_request_;
}

core::RequestId Service::add_request(LaunchPlan plan, Answered answered) {
  const auto id = add_request(std::move(answered));
  plans_.emplace(id, std::make_shared<const LaunchPlan>(std::move(plan)));
  return id;
}

std::string Service::begun_by(core::RequestId request) const {
  const auto found = requests_.find(request);
  return found == requests_.end() ? std::string{} : deploy_id(found->second.generation);
}

std::string Service::deploy_id(core::GenerationNumber generation) const {
  return generation == 0 ? std::string{} : name_ + "-" + std::to_string(generation);
}

unsigned Service::signal(int number) {
  unsigned count = 0;
  const core::ServiceView view = machine_.view(Clock::now());
  for (const auto& generation : view.generations) {
    for (const auto& worker : generation.workers) {
      const Worker* running = find(worker.id);
      if (worker.phase != core::WorkerPhase::accepting || running == nullptr) continue;
      running->signal(number);
      ++count;
    }
  }
  return count;
}

void Service::ask_progress() {
  for (const auto& [id, worker] : workers_)
    worker->ask_progress();
}

bool Service::owes_progress() const {
  return std::ranges::any_of(workers_,
                             [](const auto& entry) { return entry.second->owes_progress(); });
}

admin::ServiceStatus Service::status() const {
  const auto now = Clock::now();
  const core::ServiceView view = machine_.view(now);
  return describe({.name = name_, .view = view, .plans = generations_, .workers = workers_}, now);
}

bool Service::has_worker(pid_t pid) const {
  return std::ranges::any_of(workers_,
                             [pid](const auto& entry) { return entry.second->pid() == pid; });
}

// ---- events in, actions out

// An action may bring an event about at once (a worker that can't be spawned, a channel that is
// full): it waits until all actions before it are performed.
void Service::feed(core::Event event) {
  events_.push_back(std::move(event));
  if (stepping_) return;
  stepping_ = true;
  while (!events_.empty()) {
    const core::Event next = std::move(events_.front());
    events_.pop_front();
    for (const core::Action& action : machine_.step(next, Clock::now())) {
      std::visit([this](const auto& what) { perform(what); }, action);
    }
  }
  stepping_ = false;
  arm();
}

void Service::arm() {
  if (const auto deadline = machine_.next_deadline()) {
    deadline_.set(*deadline, [this] { feed(core::TimePassed{}); });
  } else {
    deadline_.clear();
  }
}

Worker* Service::find(core::WorkerId id) const {
  const auto found = workers_.find(id);
  return found == workers_.end() ? nullptr : found->second.get();
}

WorkerCallbacks Service::callbacks_for(core::WorkerId id, core::GenerationNumber generation) {
  return {.on_event = [this, id](core::Event event) { on_worker_event(id, std::move(event)); },
          .on_progress = [this] { context_.on_progress(); },
          .on_line =
              [this, id, generation](const char* stream, std::string text) {
                admin::LogLine line;
                line.service = name_;
                line.generation = generation;
                line.pid = find(id)->pid();
                line.stream = stream;
                line.text = std::move(text);
                context_.journal.print(std::move(line));
              }};
}

void Service::on_worker_event(core::WorkerId id, core::Event event) {
  const bool last = std::holds_alternative<core::WorkerExited>(event) ||
                    std::holds_alternative<core::WorkerNotStarted>(event);
  feed(std::move(event));
  if (!last) return;
  workers_.erase(id);
  context_.on_progress();
  context_.on_worker_gone();
}

// ---- actions

void Service::perform(const core::BeginGeneration& begin) {
  generations_[begin.generation] = plans_.at(begin.plan);
  const auto request = requests_.find(begin.plan);  // answered already when a deploy is retried
  if (request != requests_.end()) request->second.generation = begin.generation;
}

void Service::perform(const core::EndGeneration& end) {
  generations_.erase(end.generation);
}

void Service::perform(const core::ForgetPlan& forget) {
  plans_.erase(forget.plan);
}

void Service::perform(const core::StartWorker& start) {
  auto worker =
      Worker::start(context_.io, start.worker, start.generation, generations_.at(start.generation),
                    context_.inheritance, callbacks_for(start.worker, start.generation));
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
  if (Worker* worker = find(activate.worker)) worker->tell(protocol::Activate{});
}

void Service::perform(const core::HandOver& hand_over) {
  Worker* const giver = find(hand_over.worker);
  if (giver == nullptr) return;
  std::vector<Worker*> takers;
  for (const auto& generation : machine_.view(Clock::now()).generations) {
    if (generation.number != hand_over.taker) continue;
    for (const core::WorkerView& worker : generation.workers) {
      const bool accepts = worker.phase == core::WorkerPhase::accepting;
      if (accepts && worker.id != hand_over.worker) takers.push_back(find(worker.id));
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

void Service::perform(const core::Answer& answer) {
  const auto request = requests_.find(answer.request);
  if (request == requests_.end()) return;
  admin::Answer told;
  told.outcome = core::to_string(answer.outcome);
  told.reason = answer.reason;
  told.deploy = begun_by(answer.request);
  told.generation = answer.generation;
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
