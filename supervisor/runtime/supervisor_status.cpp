// What the supervisor tells those who ask: the status, and the journal's last entries.
#include "supervisor/runtime/supervisor.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace baton::runtime {
namespace {

using Clock = std::chrono::steady_clock;

// How long the workers have for their numbers. Those that are late are shown without.
constexpr std::chrono::milliseconds status_patience{250};

template <class T>
class Watching final : public admin::Subscription {
 public:
  explicit Watching(typename log::Ring<T>::Watch watch) : watch_(std::move(watch)) {}

 private:
  typename log::Ring<T>::Watch watch_;
};

}  // namespace

// Those who ask while a round is under way share its answer.
void Supervisor::status(std::function<void(admin::Status)> callback) {
  status_waiting_.push_back(std::move(callback));
  if (status_waiting_.size() > 1) return;
  bool somebody_owes = false;
  for (auto& [name, known] : services_) {
    known.service->ask_progress();
    somebody_owes = somebody_owes || known.service->owes_progress();
  }
  status_deadline_.set(Clock::now() + (somebody_owes ? status_patience : status_patience * 0),
                       [this] { answer_status(); });
}

void Supervisor::answer_status_when_complete() {
  if (status_waiting_.empty()) return;
  const bool complete = std::ranges::none_of(
      services_, [](const auto& named) { return named.second.service->owes_progress(); });
  if (complete) answer_status();
}

void Supervisor::answer_status() {
  status_deadline_.clear();
  const admin::Status status = present_status();
  for (const auto& callback : std::exchange(status_waiting_, {}))
    callback(status);
}

admin::Status Supervisor::present_status() const {
  admin::Status out;
  out.version = setup_.version;
  out.pid = ::getpid();
  out.uptime_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_).count();
  for (const auto& [name, known] : services_) {
    if (known.removed && !known.service->has_workers()) continue;
    admin::ServiceStatus service = known.service->status();
    const auto configured = config_.services.find(name);
    if (configured != config_.services.end()) {
      for (const std::string& listener : configured->second.listeners) {
        service.listeners.push_back(listener + " " + listeners_.find(listener)->address());
      }
    }
    out.services.push_back(std::move(service));
  }
  return out;
}

std::vector<admin::Event> Supervisor::recent_events(std::size_t count) const {
  return journal_.events().newest(count, [](const admin::Event&) { return true; });
}

std::vector<admin::LogLine> Supervisor::recent_lines(const std::string& service,
                                                     std::size_t count) const {
  return journal_.lines().newest(count, [&](const admin::LogLine& line) {
    return service.empty() || line.service == service;
  });
}

std::unique_ptr<admin::Subscription> Supervisor::on_event(
    std::function<void(const admin::Event&)> callback) {
  return std::make_unique<Watching<admin::Event>>(journal_.events().watch(std::move(callback)));
}

std::unique_ptr<admin::Subscription> Supervisor::on_line(
    std::function<void(const admin::LogLine&)> callback) {
  return std::make_unique<Watching<admin::LogLine>>(journal_.lines().watch(std::move(callback)));
}

}  // namespace baton::runtime
