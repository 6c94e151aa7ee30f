#include "supervisor/runtime/service.hpp"

#include "supervisor/runtime/handover.hpp"
#include "supervisor/runtime/happening_level.hpp"
#include "supervisor/runtime/service_status.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <utility>
#include <variant>

namespace baton::runtime {

using Clock = std::chrono::steady_clock;

namespace {

core::GenerationNumber highest_generation(const std::vector<admin::DeployRecord>& past) {
  core::GenerationNumber highest = 0;
  for (const admin::DeployRecord& record : past)
    highest = std::max<core::GenerationNumber>(highest, record.generation);
  return highest;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<std::chrono::milliseconds>(now).count();
}

}  // namespace

Service::Service(std::string name, ServiceContext context,
                 const std::vector<admin::DeployRecord>& past)
    : name_(std::move(name)),
      context_(std::move(context)),
      machine_(highest_generation(past)),
      deadline_(context_.io),
      deploys_(name_, past, context_.remember) {}

Service::~Service() = default;

// ---- what operators ask for

std::string Service::deploy(LaunchPlan plan, core::WhenBusy when_busy, Origin origin,
                            Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(origin), std::move(answered));
  feed(core::DeployRequested{request, policy, when_busy});
  return begun_by(request);
}

std::string Service::start(LaunchPlan plan, Origin origin, Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(origin), std::move(answered));
  feed(core::StartRequested{request, policy});
  return begun_by(request);
}

std::string Service::restart(LaunchPlan plan, Origin origin, Answered answered) {
  const auto policy = plan.policy;
  const auto request = add_request(std::move(plan), std::move(origin), std::move(answered));
  feed(core::RestartRequested{request, policy});
  return begun_by(request);
}

void Service::stop(Answered answered) {
  feed(core::StopRequested{add_request(std::move(answered))});
}

void Service::scale(unsigned workers, Answered answered) {
  feed(core::ScaleRequested{add_request(std::move(answered)), workers});
}

void Service::steer(core::Steer what, core::GenerationNumber generation, Answered answered) {
  feed(core::SteerRequested{add_request(std::move(answered)), what, generation});
}

void Service::roll_back(core::GenerationNumber generation, Origin origin, Answered answered) {
  const auto request = add_request(std::move(answered));
  requests_.at(request).rollback = Rollback{.origin = std::move(origin),
                                            .from = serving(),
                                            .to = standby(generation),
                                            .asked_ms = now_ms()};
  feed(core::RollbackRequested{request, generation});
}

core::GenerationNumber Service::standby(core::GenerationNumber wanted) const {
  core::GenerationNumber newest = 0;
  for (const auto& each : machine_.view(Clock::now()).generations) {
    const bool fits = wanted == 0 || each.number == wanted;
    if (each.role == core::GenerationRole::standby && fits) newest = each.number;
  }
  return newest;
}

Result<std::string> Service::earlier_release(core::GenerationNumber generation) const {
  return deploys_.earlier_release(generation, serving());
}

core::GenerationNumber Service::serving() const {
  for (const auto& generation : machine_.view(Clock::now()).generations) {
    if (generation.role == core::GenerationRole::current) return generation.number;
  }
  return 0;
}

std::vector<pid_t> Service::serving_pids() const {
  std::vector<pid_t> pids;
  for (const auto& generation : machine_.view(Clock::now()).generations) {
    if (generation.role != core::GenerationRole::current) continue;
    for (const auto& worker : generation.workers) {
      if (const Worker* running = find(worker.id)) pids.push_back(running->pid());
    }
  }
  return pids;
}

void Service::stop_now() {
  feed(core::StopNowRequested{});
}

core::RequestId Service::add_request(Answered answered) {
  requests_.emplace(++last_request_, Request{.answered = std::move(answered)});
  return last_request_;
}

core::RequestId Service::add_request(LaunchPlan plan, Origin origin, Answered answered) {
  const auto id = add_request(std::move(answered));
  plans_.emplace(id, Plan{std::make_shared<const LaunchPlan>(std::move(plan)), std::move(origin)});
  return id;
}

std::string Service::begun_by(core::RequestId request) const {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return {};
  const auto begun = found->second.generation;
  return deploy_id(begun != 0 ? begun : machine_.number_to_be(request));
}

std::string Service::deploy_id(core::GenerationNumber generation) const {
  return generation == 0 ? std::string{} : name_ + "-" + std::to_string(generation);
}

// Who keeps others from deploying: continues a sentence.
std::string Service::held_by() const {
  const auto* const deploy = deploys_.running(machine_.view(Clock::now()).deploy_generation);
  if (deploy == nullptr) return {};
  const std::time_t since = static_cast<std::time_t>(deploy->started_ms / 1000);
  std::tm utc{};
  ::gmtime_r(&since, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  return ", " + deploy->id + " by " + deploy->by + " since " + text.data();
}

std::string Service::why_busy() const {
  const core::ServiceView view = machine_.view(Clock::now());
  if (view.deploy == core::DeployPhase::idle) return {};
  return std::string("a deploy is ") + core::to_string(view.deploy) + held_by();
}

unsigned Service::signal(int number) {
  unsigned count = 0;
  const core::ServiceView view = machine_.view(Clock::now());
  for (const auto& generation : view.generations) {
    for (const auto& worker : generation.workers) {
      const Worker* running = find(worker.id);
      if (!core::accepts(worker.phase) || running == nullptr) continue;
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
  return describe({.name = name_,
                   .view = view,
                   .plans = generations_,
                   .workers = workers_,
                   .deploy = deploys_.running(view.deploy_generation)},
                  now);
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
          .on_progress =
              [this, id] {
                if (const auto progress = find(id)->progress()) {
                  feed(core::WorkerCounted{id, progress->requests, progress->errors});
                }
                context_.on_progress();
              },
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
  probes_.erase(id);
  workers_.erase(id);
  context_.on_progress();
  context_.on_worker_gone();
}

// ---- actions

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
