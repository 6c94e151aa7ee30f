#include "supervisor/runtime/worker.hpp"

#include "common/ipc/message_channel.hpp"
#include "supervisor/log/printable.hpp"

#include <boost/system/system_error.hpp>

#include <sys/wait.h>

#include <csignal>
#include <string>
#include <utility>
#include <variant>

namespace baton::runtime {

Result<std::unique_ptr<Worker>> Worker::start(boost::asio::io_context& io, const std::string& name,
                                              core::WorkerId id, core::GenerationNumber generation,
                                              std::shared_ptr<const LaunchPlan> plan,
                                              const Inheritance& inheritance,
                                              WorkerCallbacks callbacks) {
  std::optional<ProbeListener> probe;
  if (plan->health) {
    auto made = ProbeListener::create(inheritance.probe_dir, name + "." + std::to_string(id));
    if (!made) return made.error();
    probe.emplace(std::move(*made));
  }
  auto channel = ipc::make_channel();
  if (!channel) return channel.error();
  auto& [ours, theirs] = *channel;
  SpawnRequest request = spawn_request(*plan, inheritance, theirs.get());
  auto spawned = spawn(request);
  if (!spawned) return spawned.error();
  const pid_t pid = spawned->pid;
  try {
    return std::unique_ptr<Worker>(
        new Worker(io, id, generation, std::move(plan), std::move(request), std::move(*spawned),
                   std::move(ours), std::move(probe), std::move(callbacks)));
  } catch (const boost::system::system_error& error) {  // epoll(7) had no room for its fds
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return Error{Errc::system, std::string("cannot be watched: ") + error.what()};
  }
}

Worker::Worker(boost::asio::io_context& io, core::WorkerId id, core::GenerationNumber generation,
               std::shared_ptr<const LaunchPlan> plan, SpawnRequest request, Spawned spawned,
               UniqueFd channel, std::optional<ProbeListener> probe, WorkerCallbacks callbacks)
    : id_(id),
      generation_(generation),
      plan_(std::move(plan)),
      callbacks_(std::move(callbacks)),
      request_(std::move(request)),
      probe_(std::move(probe)),
      exec_report_(std::move(spawned.exec_report)),
      session_(io, std::move(channel), id,
               {.lanes = plan_->policy.two_lanes, .probe = probe_.has_value()},
               {.on_event = [this](core::Event event) { on_session_event(std::move(event)); },
                .on_progress =
                    [this](const protocol::Progress& progress) {
                      progress_ = progress;
                      has_progress_ = true;
                      owes_progress_ = false;
                      callbacks_.on_progress();
                    }}),
      output_(io, std::move(spawned.standard_output),
              [this](std::string line) { callbacks_.on_line("out", std::move(line)); }),
      errors_(io, std::move(spawned.standard_error),
              [this](std::string line) { on_error_line(std::move(line)); }),
      process_(io, spawned.pid, std::move(spawned.pidfd),
               [this](core::ExitStatus status) { on_exit(status); }) {}

void Worker::send_listeners() {
  protocol::Listeners message;
  message.generation = generation_;
  std::vector<int> fds;
  for (std::size_t i = 0; i < plan_->listeners.size(); ++i) {
    unsigned number = 0;
    for (const UniqueFd& lane : plan_->listeners[i]->lanes()) {
      if (number > 0 && !plan_->policy.two_lanes) break;
      message.names.push_back(plan_->listener_names[i]);
      message.lanes.push_back(number++);
      fds.push_back(lane.get());
    }
  }
  if (probe_) {
    message.probe = true;
    fds.push_back(probe_->socket().get());
  }
  session_.send_listeners(std::move(message), fds);
}

void Worker::ask_progress() {
  if (owes_progress_ || !session_.connected()) return;
  owes_progress_ = true;
  session_.send(protocol::Ping{});
}

std::optional<protocol::Progress> Worker::progress() const {
  if (!has_progress_ || owes_progress_) return std::nullopt;
  return progress_;
}

void Worker::on_session_event(core::Event event) {
  if (std::holds_alternative<core::WorkerConnected>(event)) exec_report_.reset();
  callbacks_.on_event(std::move(event));
}

void Worker::on_error_line(std::string line) {
  if (!line.empty()) last_error_line_.assign(line, 0, log::most_quoted_bytes);
  callbacks_.on_line("err", std::move(line));
}

void Worker::on_exit(core::ExitStatus status) {
  session_.finish();
  output_.finish();
  errors_.finish();
  const auto report = callbacks_.on_event;  // a copy: the owner may destroy this meanwhile
  std::string last_line = log::printable(last_error_line_);
  const auto failure = exec_report_ ? exec_failure(request_, exec_report_) : std::nullopt;
  if (failure) {
    report(core::WorkerNotStarted{id_, *failure});
  } else {
    report(core::WorkerExited{id_, status, std::move(last_line)});
  }
}

}  // namespace baton::runtime
