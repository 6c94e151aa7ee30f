#include "supervisor/runtime/service.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
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

}  // namespace

Service::Service(std::string name, ServiceContext context,
                 const std::vector<admin::DeployRecord>& past)
    : name_(std::move(name)),
      context_(std::move(context)),
      machine_(highest_generation(past)),
      deadline_(context_.io),
      deploys_(name_, past, context_.remember) {}

Service::~Service() = default;

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

}  // namespace baton::runtime
