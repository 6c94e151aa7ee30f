// The workers of a service: what they say, miss and die of, by the table of worker_lifecycle.
#include "supervisor/core/service_machine.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {
namespace {

// It is on its way to accepting, or accepts.
bool on_duty(WorkerPhase phase) {
  return phase <= WorkerPhase::switching;
}

std::string what_was_awaited(WorkerPhase phase) {
  switch (phase) {
    case WorkerPhase::starting:
      return "did not say hello";
    case WorkerPhase::warming:
      return "did not say ready";
    case WorkerPhase::activating:
    case WorkerPhase::switching:
      return "did not say accepting";
    default:
      return "did not finish";
  }
}

// Completes "a worker exited with code 3".
std::string before_what(WorkerPhase phase) {
  switch (phase) {
    case WorkerPhase::starting:
      return " before it said hello";
    case WorkerPhase::warming:
      return " before it said ready";
    case WorkerPhase::ready:
    case WorkerPhase::activating:
      return " before it said accepting";
    default:
      return {};
  }
}

// " (exited with code 3)" behind the trouble of a worker; nothing when it was our own signal.
std::string own_end(const std::string& how) {
  return how.starts_with("exited") ? " (" + how + ")" : std::string{};
}

// Why one ends before it accepts is what it says last; what others have said last is any line.
std::string last_words(WorkerPhase phase, GenerationRole role, const std::string& line) {
  const bool tells = role == GenerationRole::candidate || !before_what(phase).empty();
  return tells && !line.empty() ? "; it said last: \"" + line + "\"" : std::string{};
}

// Completes "a worker": what it said out of turn.
const char* what_it_said(WorkerInput input) {
  switch (input) {
    case WorkerInput::connected:
      return "said hello";
    case WorkerInput::said_ready:
      return "said ready";
    case WorkerInput::said_accepting:
      return "said accepting";
    case WorkerInput::said_drained:
      return "said drained";
    default:
      return "did something unexpected";
  }
}

std::optional<TimePoint> deadline_of(WorkerPhase phase, const ServicePolicy& policy,
                                     TimePoint now) {
  switch (phase) {
    case WorkerPhase::starting:
    case WorkerPhase::activating:
    case WorkerPhase::switching:
      return now + policy.ready_timeout;
    case WorkerPhase::draining:
      return now + policy.drain_timeout + ServiceMachine::drain_margin;
    case WorkerPhase::stopping:
    case WorkerPhase::terminating:
      return now + policy.kill_grace;
    default:
      return std::nullopt;
  }
}

}  // namespace

void ServiceMachine::start_worker(Generation& generation) {
  const Worker& worker = generation.workers.emplace_back(
      Worker{.id = ++last_worker_,
             .started = now_,
             .since = now_,
             .deadline = deadline_of(WorkerPhase::starting, generation.policy, now_)});
  actions_.emplace_back(StartWorker{worker.id, generation.number});
}

void ServiceMachine::input(Generation& generation, Worker& worker, WorkerInput what) {
  const WorkerPhase before = worker.phase;
  const WorkerTransition transition = worker_transition(before, what);
  if (transition.action == WorkerAction::refuse) {
    worker_failed(generation, worker,
                  std::string(what_it_said(what)) + " while it was " + to_string(before));
    return;
  }
  if (transition.next != before) {
    worker.phase = transition.next;
    worker.since = now_;
    // ready_timeout bounds the way from the spawn to ready as a whole.
    if (transition.next != WorkerPhase::warming) {
      worker.deadline = deadline_of(transition.next, generation.policy, now_);
    }
  }
  perform(generation, worker, transition.action);
  const bool kept = generation.role == GenerationRole::standby;
  if (what == WorkerInput::said_drained && !kept) {
    input(generation, worker, WorkerInput::told_to_leave);
  }
}

void ServiceMachine::perform(Generation& generation, Worker& worker, WorkerAction action) {
  switch (action) {
    case WorkerAction::none:
    case WorkerAction::refuse:
      break;
    case WorkerAction::send_listeners:
      actions_.emplace_back(SendListeners{worker.id});
      break;
    case WorkerAction::activate:
      ++worker.unacknowledged;
      actions_.emplace_back(Activate{worker.id, generation.lanes});
      break;
    case WorkerAction::drain:
      if (generation.taker != 0) actions_.emplace_back(HandOver{worker.id, generation.taker});
      actions_.emplace_back(Drain{worker.id, generation.policy.drain_timeout, generation.backlog});
      break;
    case WorkerAction::stop:
      actions_.emplace_back(Stop{worker.id});
      break;
    case WorkerAction::terminate:
      actions_.emplace_back(Terminate{worker.id});
      break;
    case WorkerAction::kill:
      actions_.emplace_back(Kill{worker.id});
      break;
  }
}

void ServiceMachine::worker_failed(Generation& generation, Worker& worker,
                                   const std::string& reason) {
  const WorkerPhase before = worker.phase;
  if (worker.trouble.empty()) worker.trouble = reason + before_what(before);
  input(generation, worker, WorkerInput::failed);
  if (worker.retired) return;
  if (generation.role == GenerationRole::candidate) {
    // Not yet: a worker that is dying closes its channel just before it ends, and its exit code
    // tells more than the closed channel does. Its exit, or its deadline, fails the deploy.
    return;
  }
  if (accepts(before)) {
    worker.retired = true;
    count_crash(generation, worker, reason);
  }
}

void ServiceMachine::worker_gone(Generation& generation, WorkerId id, const std::string& how,
                                 HowItEnded ended, const std::string& last_line) {
  const auto place = std::find_if(generation.workers.begin(), generation.workers.end(),
                                  [id](const Worker& worker) { return worker.id == id; });
  const Worker worker = std::move(*place);
  generation.workers.erase(place);

  std::string why = ended == HowItEnded::never_began ? how
                    : worker.trouble.empty()         ? how + before_what(worker.phase)
                                                     : worker.trouble + own_end(how);
  why += last_words(worker.phase, generation.role, last_line);
  if (worker.retired) {
    if (worker.phase == WorkerPhase::draining && ended == HowItEnded::badly) {
      note_trouble("a draining worker of generation " + std::to_string(generation.number) + " " +
                   how);
    }
  } else if (generation.role == GenerationRole::candidate) {
    fail_deploy("a worker " + why);
  } else if (generation.role == GenerationRole::standby) {
    deploy_.last_trouble = "a worker " + why;  // on its way back
  } else {
    count_crash(generation, worker, why);
  }
}

void ServiceMachine::count_crash(Generation& generation, const Worker& worker,
                                 const std::string& how) {
  const bool was_looping = generation.restarts.looping();
  const Duration wait = generation.restarts.crashed(worker.started, now_);
  generation.restarts_due.push_back(now_ + wait);
  const std::string text = "a worker " + how;
  record(Happening::worker_crashed, generation.number, worker.id,
         text + "; a new one starts in " + format_duration(wait));
  if (generation.restarts.looping() && !was_looping) {
    record(Happening::crash_loop, generation.number, worker.id,
           "crash loop: more than " + std::to_string(generation.policy.restart.limit) +
               " crashes within " + format_duration(generation.policy.restart.within) +
               "; trying again every " + format_duration(generation.policy.restart.max));
  }
  note_trouble(text);
  if (scaling_) {
    answer(scaling_->request, Outcome::failed, generation.number, text);
    scaling_.reset();
  }
  if (deploy_.phase == DeployPhase::baking) trouble(text);
}

void ServiceMachine::retire(Generation& generation, Backlog backlog, GenerationNumber taker) {
  generation.role = GenerationRole::retiring;
  generation.since = now_;
  generation.backlog = backlog;
  generation.taker = taker;
  generation.restarts_due.clear();
  for (Worker& worker : generation.workers)
    retire_worker(generation, worker);
}

void ServiceMachine::retire_worker(Generation& generation, Worker& worker) {
  worker.retired = true;
  input(generation, worker, WorkerInput::told_to_retire);
  input(generation, worker, WorkerInput::told_to_leave);
}

void ServiceMachine::overdue(Generation& generation, Worker& worker) {
  const WorkerPhase before = worker.phase;
  worker.deadline.reset();
  input(generation, worker, WorkerInput::overdue);
  const std::string name = "a worker of generation " + std::to_string(generation.number);
  const std::string grace = format_duration(generation.policy.kill_grace);

  if (before == WorkerPhase::draining || before == WorkerPhase::stopping) {
    const std::string waited =
        before == WorkerPhase::draining
            ? " did not drain within " + format_duration(generation.policy.drain_timeout)
            : " did not exit within " + grace + " after its drain";
    record(Happening::drain_overdue, generation.number, worker.id, name + waited + "; SIGTERM");
    note_trouble(name + waited);
  } else if (before == WorkerPhase::terminating) {
    record(Happening::worker_killed, generation.number, worker.id,
           name + " did not exit within " + grace + " after SIGTERM; SIGKILL");
    if (generation.role == GenerationRole::retiring) note_trouble(name + " had to be killed");
  } else {
    worker.trouble =
        what_was_awaited(before) + " within " + format_duration(generation.policy.ready_timeout);
    if (generation.role == GenerationRole::candidate) fail_deploy("a worker " + worker.trouble);
  }
}

// Brings the serving generation to as many workers as its policy wants.
void ServiceMachine::adjust_scale() {
  Generation& serving = *current();
  const auto counts = [](const Worker& worker) { return !worker.retired && on_duty(worker.phase); };
  auto have =
      static_cast<unsigned>(std::count_if(serving.workers.begin(), serving.workers.end(), counts)) +
      static_cast<unsigned>(serving.restarts_due.size());
  for (; have < serving.policy.workers; ++have)
    start_worker(serving);
  for (; have > serving.policy.workers && !serving.restarts_due.empty(); --have) {
    serving.restarts_due.pop_back();
  }
  for (auto worker = serving.workers.rbegin();
       worker != serving.workers.rend() && have > serving.policy.workers; ++worker) {
    if (!counts(*worker)) continue;
    retire_worker(serving, *worker);
    --have;
  }
}

void ServiceMachine::answer_scaling() {
  const Generation* const serving = current();
  if (!serving || !scaling_) return;
  const bool reached =
      serving->workers.size() == scaling_->workers && serving->restarts_due.empty() &&
      std::all_of(serving->workers.begin(), serving->workers.end(), [](const Worker& worker) {
        return worker.phase == WorkerPhase::accepting && !worker.retired;
      });
  if (!reached) return;
  answer(scaling_->request, Outcome::done, serving->number, {});
  scaling_.reset();
}

}  // namespace baton::core
