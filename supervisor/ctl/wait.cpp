#include "supervisor/ctl/duration_option.hpp"
#include "supervisor/ctl/interruption.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/status_table.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <ostream>

namespace baton::ctl {
namespace {

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

bool holds(const Condition& condition, const admin::ServiceStatus& service) {
  const auto any = [&](auto predicate) {
    return std::any_of(service.generations.begin(), service.generations.end(), predicate);
  };
  switch (condition.kind) {
    case Condition::Kind::ready:
      return is_running(service) && any([](const auto& each) { return each.role == "current"; });
    case Condition::Kind::drained:
      return !any([](const auto& each) { return each.role == "retiring"; });
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

// Whether the condition holds now; an Error when there is no such service or no supervisor.
Result<bool> holds_now(Client& client, const Arguments& arguments, const Condition& condition) {
  Json json;
  if (const auto error = client.get("/v1/status", json)) return *error;
  const auto status = admin::decode<admin::Status>(json);
  if (!status) return status.error();
  for (const admin::ServiceStatus& service : status->services) {
    if (service.name == arguments.service) return holds(condition, service);
  }
  return Error{Errc::not_found, "there is no service '" + arguments.service + "'"};
}

// Looks again at every event. The stream begins with the newest event of the past, so that nothing
// is missed between the first look and the first event.
ExitCode wait_for(Session& session, const Arguments& arguments) {
  const Condition condition = *parse_condition(arguments.condition);
  Client looking(session.socket_path);
  const auto already = holds_now(looking, arguments, condition);
  if (!already) return session.fail(already.error());
  if (*already) return ExitCode::done;

  std::optional<Error> trouble;
  bool reached = false;
  Interruption interruption(arguments.timeout, [&session] { session.client().stop(); });
  const auto error = session.client().stream_get("/v1/events?n=1&follow=1", [&](const Json&) {
    const auto now = holds_now(looking, arguments, condition);
    if (!now) trouble = now.error();
    reached = now && *now;
    return reached || trouble ? Client::Next::enough : Client::Next::more;
  });
  if (reached) return ExitCode::done;
  if (trouble) return session.fail(*trouble);
  if (error) return session.fail(*error);
  if (interruption.cause() == Interruption::Cause::signal) return ExitCode::interrupted;
  if (interruption.cause() == Interruption::Cause::none) {
    return session.fail(ExitCode::no_supervisor, "the supervisor ended");
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
