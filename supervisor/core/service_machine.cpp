#include "supervisor/core/service_machine.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {
std::vector<Action> ServiceMachine::step(const Event& event, TimePoint now) {
  now_ = now;
  actions_.clear();
  std::visit([this](const auto& happened) { on(happened); }, event);
  settle();
  return std::exchange(actions_, {});
}

// ---- requests

void ServiceMachine::on(const DeployRequested& event) {
  plans_.push_back(event.request);
  const std::string busy = why_busy();
  if (!busy.empty() && event.when_busy == WhenBusy::refuse) {
    answer(event.request, Outcome::busy, 0, busy);
    return;
  }
  wanted_up_ = true;
  supersede_queue();
  queued_ = Plan{event.request, event.policy};
}

void ServiceMachine::on(const StartRequested& event) {
  plans_.push_back(event.request);
  const bool coming = deploy_.phase != DeployPhase::idle && deploy_.phase != DeployPhase::aborting;
  if (wanted_up_ && (current() || coming || queued_ || start_after_stop_)) {
    answer(event.request, Outcome::done, current() ? current()->number : 0,
           "it was already started");
    return;
  }
  wanted_up_ = true;
  supersede_queue();
  queued_ = Plan{event.request, event.policy};
}

void ServiceMachine::on(const RestartRequested& event) {
  plans_.push_back(event.request);
  stop_all();
  start_after_stop_ = Plan{event.request, event.policy};
}

void ServiceMachine::on(const StopRequested& event) {
  stop_all();
  stop_requests_.push_back(event.request);
}

void ServiceMachine::on(const ScaleRequested& event) {
  Generation* const serving = current();
  if (!serving) {
    answer(event.request, Outcome::failed, 0, "nothing is running that could be scaled");
  } else if (event.workers == 0) {
    answer(event.request, Outcome::failed, serving->number,
           "a service has at least one worker; stop it instead");
  } else if (deploy_.phase != DeployPhase::idle) {
    answer(event.request, Outcome::busy, serving->number, why_busy());
  } else {
    if (scaling_) {
      answer(scaling_->request, Outcome::superseded, serving->number,
             "another scale came after it");
    }
    scaling_ = Scaling{event.request, event.workers};
    serving->policy.workers = event.workers;
    adjust_scale();
  }
}

void ServiceMachine::on(const StopNowRequested&) {
  if (wanted_up_ || start_after_stop_) stop_all();
  for (Generation& generation : generations_) {
    for (Worker& worker : generation.workers) {
      worker.retired = true;
      input(generation, worker, WorkerInput::told_to_end);
    }
  }
}

// ---- what workers did

void ServiceMachine::on(const WorkerConnected& event) {
  if (const Found found = find(event.worker)) {
    found.worker->can_return = event.can_return;
    input(*found.generation, *found.worker, WorkerInput::connected);
  }
}

void ServiceMachine::on(const WorkerReady& event) {
  if (const Found found = find(event.worker)) {
    input(*found.generation, *found.worker, WorkerInput::said_ready);
  }
}

void ServiceMachine::on(const WorkerAccepting& event) {
  const Found found = find(event.worker);
  if (!found) return;
  unsigned& unacknowledged = found.worker->unacknowledged;
  if (unacknowledged > 0 && --unacknowledged > 0) return;  // a newer order is on its way to it
  input(*found.generation, *found.worker, WorkerInput::said_accepting);
}

void ServiceMachine::on(const WorkerDrained& event) {
  const Found found = find(event.worker);
  if (!found) return;
  found.generation->handed_over += event.handed_over;
  if (Account* const account = account_for(found.generation->drains_for)) {
    account->finished += event.finished;
    account->handed_over += event.handed_over;
    account->cut_off += event.cut_off;
  }
  if (event.cut_off > 0 && found.worker->phase == WorkerPhase::draining) {
    note_trouble(std::to_string(event.cut_off) + " unfinished request(s) of generation " +
                 std::to_string(found.generation->number) + " were cut off at the drain timeout");
  }
  input(*found.generation, *found.worker, WorkerInput::said_drained);
}

void ServiceMachine::on(const WorkerFailed& event) {
  if (const Found found = find(event.worker)) {
    worker_failed(*found.generation, *found.worker, event.reason);
  }
}

void ServiceMachine::on(const WorkerNotStarted& event) {
  if (const Found found = find(event.worker)) {
    worker_gone(*found.generation, event.worker, "could not be started: " + event.reason,
                HowItEnded::never_began);
  }
}

void ServiceMachine::on(const WorkerExited& event) {
  if (const Found found = find(event.worker)) {
    worker_gone(*found.generation, event.worker, describe(event.status),
                event.status.clean() ? HowItEnded::cleanly : HowItEnded::badly, event.last_line);
  }
}

void ServiceMachine::on(const TimePassed&) {
  const auto due = [this](const auto& deadline) { return deadline && *deadline <= now_; };
  for (Generation& generation : generations_) {
    for (Worker& worker : generation.workers) {
      if (due(worker.deadline)) overdue(generation, worker);
    }
    const auto restarts =
        std::partition(generation.restarts_due.begin(), generation.restarts_due.end(),
                       [this](TimePoint at) { return at > now_; });
    const auto count = generation.restarts_due.end() - restarts;
    generation.restarts_due.erase(restarts, generation.restarts_due.end());
    for (auto i = count; i > 0; --i)
      start_worker(generation);
  }
  if (Generation* const generation = on_trial()) ask_what_is_due(*generation);
  if (due(deploy_.deadline)) deadline_passed();
  for (Generation& generation : generations_) {
    if (!due(generation.standby_until)) continue;
    let_go(generation,
           "the standby of generation " + std::to_string(generation.number) + " is over");
  }
  if (retry_ && retry_->due <= now_ && deploy_.phase == DeployPhase::idle) {
    begin_deploy(Plan{retry_->plan}, std::nullopt);
  }
}

// ---- what follows by itself

void ServiceMachine::settle() {
  while (advance_deploy() || advance_rollback() || activate_replacements() || sweep() ||
         begin_next()) {
  }
  close_open_deploys();
  answer_scaling();
  if (generations_.empty() && !wanted_up_ && !stop_requests_.empty()) {
    record(Happening::service_stopped, 0, {}, "the service is stopped");
    for (const RequestId request : std::exchange(stop_requests_, {})) {
      answer(request, Outcome::done, 0, {});
    }
  }
  forget_plans();
}

// A worker that takes a crashed one's place, or that a scale added, waits for nobody.
bool ServiceMachine::activate_replacements() {
  Generation* const serving = current();
  if (!serving) return false;
  bool any = false;
  for (Worker& worker : serving->workers) {
    if (worker.phase != WorkerPhase::ready || worker.retired) continue;
    input(*serving, worker, WorkerInput::told_to_accept);
    any = true;
  }
  return any;
}

// Removes one generation whose last worker is gone.
bool ServiceMachine::sweep() {
  const auto empty =
      std::find_if(generations_.begin(), generations_.end(), [](const Generation& each) {
        const bool leaves =
            each.role == GenerationRole::retiring || each.role == GenerationRole::standby;
        return leaves && each.workers.empty();
      });
  if (empty == generations_.end()) return false;

  const Generation gone = std::move(*empty);
  generations_.erase(empty);
  actions_.emplace_back(EndGeneration{gone.number});
  if (deploy_.phase != DeployPhase::aborting || deploy_.generation != gone.number) {
    record(Happening::generation_gone, gone.number, {},
           "generation " + std::to_string(gone.number) + " is gone" +
               (gone.handed_over > 0
                    ? "; " + std::to_string(gone.handed_over) + " connection(s) were handed over"
                    : std::string{}));
    return true;
  }
  finish_failed_deploy();
  if (wanted_up_ && !current() && !queued_ && !start_after_stop_) {
    const Duration wait = retries_.crashed(now_, now_);
    retry_ = Retry{now_ + wait, Plan{gone.plan, gone.policy}};
    record(Happening::worker_crashed, gone.number, {},
           "nothing serves; trying again in " + format_duration(wait));
  }
  return true;
}

// Whose turn it is now, if anybody waits.
bool ServiceMachine::begin_next() {
  if (start_after_stop_ && generations_.empty()) {
    wanted_up_ = true;
    queued_ = std::exchange(start_after_stop_, std::nullopt);
  }
  if (!queued_ || deploy_.phase != DeployPhase::idle || !make_room()) return false;
  for (const RequestId request : std::exchange(stop_requests_, {})) {
    answer(request, Outcome::superseded, 0, "the service was started again before it had stopped");
  }
  const Plan plan = *std::exchange(queued_, std::nullopt);
  begin_deploy(plan, plan.request);
  return true;
}

void ServiceMachine::forget_plans() {
  const auto used = [this](RequestId plan) {
    const auto runs = [plan](const Generation& generation) { return generation.plan == plan; };
    return std::any_of(generations_.begin(), generations_.end(), runs) ||
           (queued_ && queued_->request == plan) ||
           (start_after_stop_ && start_after_stop_->request == plan) ||
           (retry_ && retry_->plan.request == plan);
  };
  const auto unused = std::stable_partition(plans_.begin(), plans_.end(), used);
  for (auto plan = unused; plan != plans_.end(); ++plan)
    actions_.emplace_back(ForgetPlan{*plan});
  plans_.erase(unused, plans_.end());
}

// ---- looking

GenerationNumber ServiceMachine::number_to_be(RequestId request) const {
  const auto is_it = [request](const std::optional<Plan>& plan) {
    return plan && plan->request == request;
  };
  return is_it(queued_) || is_it(start_after_stop_) ? last_generation_ + 1 : 0;
}

std::optional<TimePoint> ServiceMachine::next_deadline() const {
  std::optional<TimePoint> next;
  const auto consider = [&next](const std::optional<TimePoint>& deadline) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  };
  for (const Generation& generation : generations_) {
    for (const Worker& worker : generation.workers)
      consider(worker.deadline);
    for (const TimePoint due : generation.restarts_due)
      consider(due);
    consider(generation.standby_until);
  }
  if (const Generation* const generation = on_trial()) {
    for (const Worker& worker : generation->workers)
      consider(worker.probe_at);
  }
  consider(deploy_.count_at);
  consider(deploy_.deadline);
  if (retry_) consider(retry_->due);
  return next;
}

ServiceView ServiceMachine::view(TimePoint now) const {
  ServiceView view;
  view.wanted_up = wanted_up_ || start_after_stop_;
  view.deploy = deploy_.phase;
  view.deploy_generation = deploy_.generation;
  view.phase_deadline = deploy_.deadline;
  if (deploy_.paused_with) {
    view.paused = true;
    view.phase_deadline = now + *deploy_.paused_with;
  }
  if (const Generation* const candidate = find_generation(deploy_.generation);
      candidate && deploy_.phase == DeployPhase::canary) {
    view.weight = deploy_.step ? candidate->policy.canary[*deploy_.step].weight : 0;
  }
  if (retry_) view.retry_at = retry_->due;
  view.crash_looping = retries_.looping() && !current();
  for (const Generation& generation : generations_) {
    const bool proved = std::any_of(
        generation.workers.begin(), generation.workers.end(), [&](const Worker& worker) {
          return accepts(worker.phase) && now - worker.since >= generation.policy.restart.within;
        });
    GenerationView& shown = view.generations.emplace_back();
    shown.number = generation.number;
    shown.role = generation.role;
    shown.since = generation.since;
    shown.standby_until = generation.standby_until;
    shown.wanted_workers = generation.policy.workers;
    shown.restarting = static_cast<unsigned>(generation.restarts_due.size());
    shown.crash_looping = generation.restarts.looping() && !proved;
    for (const Worker& worker : generation.workers) {
      shown.workers.push_back({worker.id, worker.phase, worker.since, worker.deadline});
    }
  }
  return view;
}

ServiceMachine::Found ServiceMachine::find(WorkerId id) {
  for (Generation& generation : generations_) {
    for (Worker& worker : generation.workers) {
      if (worker.id == id) return {&generation, &worker};
    }
  }
  return {};
}

const ServiceMachine::Generation* ServiceMachine::find_generation(GenerationNumber number) const {
  const auto found =
      std::find_if(generations_.begin(), generations_.end(),
                   [number](const Generation& each) { return each.number == number; });
  return found == generations_.end() ? nullptr : &*found;
}

ServiceMachine::Generation* ServiceMachine::find_generation(GenerationNumber number) {
  return const_cast<Generation*>(std::as_const(*this).find_generation(number));
}

// Whose account the drains belong to that a deploy has brought about.
Account* ServiceMachine::account_for(GenerationNumber deploy) {
  const auto open =
      std::find_if(open_deploys_.begin(), open_deploys_.end(),
                   [deploy](const OpenDeploy& each) { return each.generation == deploy; });
  if (open != open_deploys_.end()) return &open->account;
  return deploy_.generation == deploy ? &deploy_.account : nullptr;
}

const ServiceMachine::Generation* ServiceMachine::current() const {
  const auto found =
      std::find_if(generations_.begin(), generations_.end(),
                   [](const Generation& each) { return each.role == GenerationRole::current; });
  return found == generations_.end() ? nullptr : &*found;
}

const ServiceMachine::Generation* ServiceMachine::serving() const {
  const Generation* const generation = current();
  const bool any =
      generation && std::any_of(generation->workers.begin(), generation->workers.end(),
                                [](const Worker& worker) { return accepts(worker.phase); });
  return any ? generation : nullptr;
}

ServiceMachine::Generation* ServiceMachine::current() {
  return const_cast<Generation*>(std::as_const(*this).current());
}

void ServiceMachine::answer(RequestId request, Outcome outcome, GenerationNumber generation,
                            std::string reason) {
  actions_.emplace_back(Answer{request, outcome, generation, std::move(reason)});
}

void ServiceMachine::record(Happening what, GenerationNumber generation,
                            std::optional<WorkerId> worker, std::string text) {
  actions_.emplace_back(Record{what, generation, worker, std::move(text), {}});
}

// For the answers of the deploys that are not over: they are done, but not without a scar.
void ServiceMachine::note_trouble(const std::string& text) {
  for (OpenDeploy& open : open_deploys_) {
    if (open.trouble.empty()) open.trouble = text;
  }
}

}  // namespace baton::core
