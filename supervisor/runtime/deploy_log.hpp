// The deploys of one service as they are remembered: the records of those that run, kept up to date
// as they go on, and which release each earlier generation ran. One thread; what is to be kept for
// good goes to `remember`.
#pragma once

#include "common/admin/api.hpp"
#include "common/result.hpp"
#include "common/wall_clock.hpp"
#include "supervisor/core/action.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace baton::runtime {

// A moment of the day, and what the time is since: somebody may set the clock of the day meanwhile,
// in which case a deploy has not taken an hour, or less than nothing.
class Moment {
 public:
  explicit Moment(std::chrono::system_clock::time_point time);

  // Milliseconds since the epoch.
  std::int64_t ms() const { return ms_; }
  std::int64_t now_ms() const;

 private:
  std::int64_t ms_;
  std::chrono::steady_clock::time_point passed_ = std::chrono::steady_clock::now();
};

// Where a deploy comes from.
struct Origin {
  std::string kind;  // deploy, rollback, start, restart, retry
  std::string by;    // "alice (uid 1000)", "SIGHUP", "start of batond"
  std::string message;
};

// A return to a generation that stood by: it makes no generation, but is remembered all the same.
struct Rollback {
  Origin origin;
  core::GenerationNumber from = 0;
  core::GenerationNumber to = 0;
  Moment asked;
};

class DeployLog {
 public:
  // `program` is the file that the release runs.
  using Remember = std::function<void(const admin::DeployRecord&, const std::string& program)>;

  // `past`: newest first.
  DeployLog(std::string service, const std::vector<admin::DeployRecord>& past, Remember remember,
            WallClock clock = std::chrono::system_clock::now);

  void begin(core::GenerationNumber generation, const Origin& origin, const std::string& release,
             const std::string& program);
  void note(const core::Record& record);
  void end(const core::EndDeploy& end);
  void rolled_back(const Rollback& rollback, const admin::Answer& answer);

  // Of the deploy that brought a generation, while it runs; null otherwise.
  const admin::DeployRecord* running(core::GenerationNumber generation) const;

  // The release of an earlier generation; 0: of the newest that ran another one than `serving`
  // does. Errc::not_found says what there is.
  Result<std::string> earlier_release(core::GenerationNumber generation,
                                      core::GenerationNumber serving) const;

 private:
  struct Running {
    Moment begun;
    admin::DeployRecord record;
    std::string program;
    std::map<std::string, std::uint64_t> kernel_before;
  };

  std::string service_;
  Remember remember_;
  WallClock clock_;
  std::map<core::GenerationNumber, Running> running_;
  std::map<core::GenerationNumber, std::string> releases_;  // that have served
};

}  // namespace baton::runtime
