#include "supervisor/ctl/duration_option.hpp"
#include "supervisor/ctl/interruption.hpp"
#include "supervisor/ctl/services.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/status_table.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace baton::ctl {
namespace {

constexpr Duration pace{100};

// What is waited for: everything running, no older generation left, or a generation (or one that
// came after it) serving.
struct Condition {
  enum class Kind { ready, drained, generation };
  Kind kind = Kind::ready;
  std::uint64_t generation = 0;
};

std::optional<Condition> parse_condition(const std::string& text) {
  if (text == "ready") return Condition{Condition::Kind::ready, 0};
  if (text == "drained") return Condition{Condition::Kind::drained, 0};
  static const std::string prefix = "generation=";
  if (!text.starts_with(prefix)) return std::nullopt;
  Condition condition{Condition::Kind::generation, 0};
  const char* const begin = text.data() + prefix.size();
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, condition.generation);
  return begin < end && error == std::errc{} && stop == end ? std::optional(condition)
                                                            : std::nullopt;
}

bool still_drains(const admin::GenerationStatus& generation) {
  return std::ranges::any_of(generation.workers,
                             [](const auto& worker) { return worker.phase == "draining"; });
}

bool holds(const Condition& condition, const admin::ServiceStatus& service) {
  const auto any = [&](auto predicate) {
    return std::any_of(service.generations.begin(), service.generations.end(), predicate);
  };
  switch (condition.kind) {
    case Condition::Kind::ready:
      return is_running(service) && any([](const auto& each) { return each.role == "current"; });
    case Condition::Kind::drained:
      return !any([](const auto& each) { return each.role == "retiring" || still_drains(each); });
    case Condition::Kind::generation:
      return any([&](const auto& each) {
        return each.role == "current" && each.number >= condition.generation;
      });
  }
  return false;
}

struct Arguments {
  std::string service;
  std::string condition;
  std::optional<Duration> timeout;
};

Result<bool> holds_now(Client& client, const Arguments& arguments, const Condition& condition) {
  const auto status = ask_status(client);
  if (!status) return status.error();
  const auto service = find_service(*status, arguments.service);
  if (!service) return service.error();
  return holds(condition, *service);
}

// Lets a loop sleep until its next round, or until somebody ends it.
class Pause {
 public:
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }

  // False once it has been ended.
  bool sleep(Duration duration) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, duration, [this] { return ended_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
};

// Looks again and again: not everything that a service can become is announced by an event.
ExitCode wait_for(Session& session, const Arguments& arguments) {
  const Condition condition = *parse_condition(arguments.condition);
  Pause pause;
  Interruption interruption(arguments.timeout, [&pause] { pause.end(); });
  do {
    const auto now = holds_now(session.client(), arguments, condition);
    if (!now) return session.fail(now.error());
    if (*now) return ExitCode::done;
  } while (pause.sleep(pace));
  if (interruption.cause() == Interruption::Cause::signal) {
    return session.fail(ExitCode::interrupted, "interrupted");
  }
  return session.fail(ExitCode::timed_out, arguments.service + " is not " + arguments.condition +
                                               " after " + format_duration(*arguments.timeout));
}

}  // namespace

void add_wait(CLI::App& app, Session& session) {
  auto* const verb = app.add_subcommand("wait", "Wait until a service is in a state");
  const auto arguments = std::make_shared<Arguments>();
  const auto timeout = std::make_shared<std::optional<Duration>>();
  verb->add_option("SERVICE", arguments->service, "The service")->required();
  verb->add_option("--for", arguments->condition, "ready, drained or generation=N")
      ->required()
      ->check([](const std::string& text) {
        return parse_condition(text) ? std::string{}
                                     : "'" + text + "' is none of ready, drained, generation=N";
      });
  add_duration(*verb, "--timeout", timeout, "Give up after that (exit code 124)");
  verb->callback([&session, arguments, timeout] {
    arguments->timeout = *timeout;
    session.run = [&session, arguments] { return wait_for(session, *arguments); };
  });
}

}  // namespace baton::ctl
