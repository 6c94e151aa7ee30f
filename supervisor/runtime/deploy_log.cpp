#include "supervisor/runtime/deploy_log.hpp"

#include "supervisor/runtime/kernel_drops.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace baton::runtime {
namespace {

// Of those that can be gone back to.
constexpr std::size_t most_releases = 64;

bool has_served(const admin::DeployRecord& record) {
  constexpr std::array<std::string_view, 2> good{"done", "degraded"};
  return std::ranges::find(good, record.outcome) != good.end();
}

// What a record calls a step of the deploy; empty: it is none.
std::string phase_of(const core::Record& record) {
  if (record.entered) return core::to_string(*record.entered);
  switch (record.what) {
    case core::Happening::cut_over:
    case core::Happening::rolled_back:
      return core::to_string(record.what);
    default:
      return {};
  }
}

}  // namespace

Moment::Moment(std::chrono::system_clock::time_point time)
    : ms_(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count()) {}

std::int64_t Moment::now_ms() const {
  const auto passed = std::chrono::steady_clock::now() - passed_;
  return ms_ + std::chrono::floor<std::chrono::milliseconds>(passed).count();
}

DeployLog::DeployLog(std::string service, const std::vector<admin::DeployRecord>& past,
                     Remember remember, WallClock clock)
    : service_(std::move(service)), remember_(std::move(remember)), clock_(std::move(clock)) {
  for (const admin::DeployRecord& record : past) {
    if (has_served(record)) releases_.emplace(record.generation, record.release);
  }
}

void DeployLog::begin(core::GenerationNumber generation, const Origin& origin,
                      const std::string& release, const std::string& program) {
  const Moment begun(clock_());
  admin::DeployRecord record;
  record.id = service_ + "-" + std::to_string(generation);
  record.service = service_;
  record.generation = generation;
  record.kind = origin.kind;
  record.release = release;
  record.by = origin.by;
  record.message = origin.message;
  record.started_ms = begun.ms();
  record.outcome = "running";
  record.phases.push_back({core::to_string(core::DeployPhase::starting), record.started_ms});
  remember_(record, program);
  running_.insert_or_assign(generation,
                            Running{begun, std::move(record), program, read_kernel_drops()});
}

void DeployLog::note(const core::Record& record) {
  const auto found = running_.find(record.generation);
  const std::string phase = phase_of(record);
  if (found == running_.end() || phase.empty()) return;
  found->second.record.phases.push_back({phase, found->second.begun.now_ms()});
  remember_(found->second.record, found->second.program);
}

void DeployLog::end(const core::EndDeploy& end) {
  const auto found = running_.find(end.generation);
  if (found == running_.end()) return;
  Running running = std::move(found->second);
  running_.erase(found);
  admin::DeployRecord& record = running.record;
  record.finished_ms = running.begun.now_ms();
  record.outcome = core::to_string(end.outcome);
  record.reason = end.reason;
  record.account = {.finished = end.account.finished,
                    .handed_over = end.account.handed_over,
                    .cut_off = end.account.cut_off,
                    .kernel = grown(running.kernel_before, read_kernel_drops())};
  remember_(record, running.program);
  if (!has_served(record)) return;
  releases_[record.generation] = record.release;
  if (releases_.size() > most_releases) releases_.erase(releases_.begin());
}

void DeployLog::rolled_back(const Rollback& rollback, const admin::Answer& answer) {
  admin::DeployRecord record;
  record.id = service_ + "-" + std::to_string(rollback.from) + "-to-" + std::to_string(rollback.to);
  record.service = service_;
  record.generation = rollback.to;
  record.kind = rollback.origin.kind;
  const auto release = releases_.find(rollback.to);
  record.release = release == releases_.end() ? "" : release->second;
  record.by = rollback.origin.by;
  record.message = rollback.origin.message;
  record.started_ms = rollback.asked.ms();
  record.finished_ms = rollback.asked.now_ms();
  record.outcome = answer.outcome;
  record.reason = answer.reason;
  remember_(record, {});
}

const admin::DeployRecord* DeployLog::running(core::GenerationNumber generation) const {
  const auto found = running_.find(generation);
  return found == running_.end() ? nullptr : &found->second.record;
}

Result<std::string> DeployLog::earlier_release(core::GenerationNumber generation,
                                               core::GenerationNumber serving) const {
  if (generation != 0) {
    const auto found = releases_.find(generation);
    if (found != releases_.end()) return found->second;
    std::string known;
    for (const auto& [number, release] : releases_)
      known += (known.empty() ? "" : ", ") + std::to_string(number);
    return Error{Errc::not_found,
                 "nothing is known of a generation " + std::to_string(generation) + " of " +
                     service_ + " that has served; there are: " + (known.empty() ? "none" : known)};
  }
  const auto current = releases_.find(serving);
  const auto earlier = std::find_if(releases_.rbegin(), releases_.rend(), [&](const auto& entry) {
    const bool other = current == releases_.end() || entry.second != current->second;
    return entry.first < serving && other;
  });
  if (earlier != releases_.rend()) return earlier->second;
  return Error{Errc::not_found, "no earlier release of " + service_ +
                                    " is known that differs from the one that serves; name one "
                                    "with deploy --release"};
}

}  // namespace baton::runtime
