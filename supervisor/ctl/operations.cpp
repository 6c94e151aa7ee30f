// deploy, rollback and its likes, start, stop, restart, scale: each is one request that streams
// what happens until its answer.
#include "supervisor/ctl/duration_option.hpp"
#include "supervisor/ctl/interruption.hpp"
#include "supervisor/ctl/live_display.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <ostream>

namespace baton::ctl {
namespace {

struct Request {
  admin::Operation operation;
  std::optional<Duration> timeout;
  bool detach = false;
  bool dry_run = false;
};

// What came over the stream so far.
struct Heard {
  bool accepted = false;
  std::string deploy;
  std::optional<admin::Answer> answer;
  std::string trouble;  // why the stream ends without an answer
};

void show(Session& session, LiveDisplay* display, const std::string& line) {
  if (display) {
    display->print(line);
  } else {
    session.progress(line);
  }
}

Client::Next hear(Session& session, LiveDisplay* display, const Request& request, const Json& line,
                  Heard& heard) {
  if (line.contains("accepted") && line["accepted"].is_object()) {
    heard.accepted = true;
    heard.deploy = line["accepted"].value("deploy", std::string{});
    // A deploy that has not begun was refused: its answer follows at once.
    const bool refused = request.operation.verb == admin::Verb::deploy && heard.deploy.empty();
    if (request.detach && !refused) return Client::Next::enough;
  } else if (line.contains("event")) {
    if (const auto event = admin::decode<admin::Event>(line["event"])) {
      show(session, display, "  " + event->text);
    }
  } else if (line.contains("answer")) {
    if (const auto answer = admin::decode<admin::Answer>(line["answer"])) heard.answer = *answer;
  } else if (line.contains("error")) {
    heard.trouble = line.value("/error/message"_json_pointer, std::string{});
  }
  return Client::Next::more;
}

ExitCode present_detached(Session& session, const Heard& heard) {
  if (session.output == Output::json) {
    session.out() << admin::document({{"deploy", heard.deploy}}).dump(2) << "\n";
  } else if (!heard.deploy.empty()) {
    session.out() << heard.deploy << "\n";
  }
  return ExitCode::done;
}

ExitCode present(Session& session, const admin::Operation& operation, const admin::Answer& answer) {
  const ExitCode code = exit_code_of(answer.outcome);
  if (session.output == Output::json) {
    session.out() << admin::document(answer).dump(2) << "\n";
    return code;
  }
  const std::string what = std::string(to_string(operation.verb)) + " " + operation.service;
  const std::string generation =
      answer.generation > 0 ? " (generation " + std::to_string(answer.generation) + ")" : "";
  const std::string reason = answer.reason.empty() ? "" : ": " + answer.reason;
  switch (code) {
    case ExitCode::done:
      session.out() << what << ": done" << generation << (answer.reason.empty() ? "" : ", ")
                    << answer.reason << "\n";
      return code;
    case ExitCode::degraded:
      return session.fail(code, what + ": done" + generation + ", but" + reason);
    case ExitCode::failed_old_serving: {
      const bool back = answer.outcome == "rolled_back";
      return session.fail(code, what + (back ? " was rolled back" : " failed") + ", generation " +
                                    std::to_string(answer.generation) +
                                    (back ? " serves again" : " serves on") + reason);
    }
    case ExitCode::busy:
      return session.fail(code, what + " was refused" + reason);
    case ExitCode::superseded:
      return session.fail(code, what + " was " + answer.outcome + reason);
    default:
      return session.fail(code, what + " failed" + reason);
  }
}

// What would be done, and what is in its way.
ExitCode try_out(Session& session, const Request& request) {
  Json answer;
  const auto error =
      session.client().post("/v1/dry-run", admin::document(request.operation), answer);
  if (error) return session.fail(*error);
  const auto plan = admin::decode<admin::DryRun>(answer);
  if (!plan) return session.fail(plan.error());
  const ExitCode code = plan->problems.empty() ? ExitCode::done : ExitCode::failed;
  if (session.output == Output::json) {
    session.out() << admin::document(*plan).dump(2) << "\n";
    return code;
  }
  session.out() << to_string(request.operation.verb) << " " << plan->service << " would run "
                << plan->release << ":\n";
  for (const std::string& step : plan->steps)
    session.out() << "  " << step << "\n";
  for (const std::string& problem : plan->problems)
    session.fail(code, "it would be refused now: " + problem);
  return code;
}

ExitCode perform(Session& session, const Request& request) {
  Heard heard;
  std::optional<Error> error;
  auto cause = Interruption::Cause::none;
  {
    Client& client = session.client();
    Interruption interruption(request.timeout, [&client] { client.stop(); });
    std::unique_ptr<LiveDisplay> display;
    if (session.stderr_is_terminal() && !session.quiet && !request.detach) {
      display = std::make_unique<LiveDisplay>(session.socket_path, request.operation.service,
                                              session.err());
    }
    error = client.stream_post(
        "/v1/operations", admin::document(request.operation),
        [&](const Json& line) { return hear(session, display.get(), request, line, heard); });
    cause = interruption.cause();
  }
  if (error) return session.fail(*error);
  if (heard.answer) return present(session, request.operation, *heard.answer);
  if (request.detach && heard.accepted) return present_detached(session, heard);

  const std::string goes_on =
      !heard.accepted        ? "whether the supervisor has taken the request is not known"
      : heard.deploy.empty() ? std::string(to_string(request.operation.verb)) + " " +
                                   request.operation.service + " goes on without us"
                             : "deploy " + heard.deploy + " goes on without us";
  if (cause == Interruption::Cause::timeout) {
    return session.fail(ExitCode::timed_out, "no outcome within the time limit; " + goes_on);
  }
  if (cause == Interruption::Cause::signal) {
    return session.fail(ExitCode::interrupted, "interrupted; " + goes_on);
  }
  if (!heard.trouble.empty()) {
    return session.fail(ExitCode::failed, heard.trouble + "; " + goes_on);
  }
  return session.fail(ExitCode::no_supervisor, "the supervisor ended before the outcome was known");
}

using RequestPtr = std::shared_ptr<Request>;

// "items" is a service, whose deploy is aborted whichever it is; "items-4" is that deploy.
void split_target(admin::Operation& operation) {
  const std::size_t dash = operation.service.rfind('-');
  if (dash == std::string::npos || dash + 1 == operation.service.size()) return;
  if (operation.service.find_first_not_of("0123456789", dash + 1) != std::string::npos) return;
  operation.target = operation.service;
  operation.service.resize(dash);
}

CLI::App* add_operation(CLI::App& app, Session& session, admin::Verb verb, const std::string& help,
                        const RequestPtr& request) {
  CLI::App* const command = app.add_subcommand(admin::to_string(verb), help);
  request->operation.verb = verb;
  command->add_option("SERVICE", request->operation.service, "The service")->required();
  const auto timeout = std::make_shared<std::optional<Duration>>();
  add_duration(*command, "--timeout", timeout, "Stop waiting after that (exit code 124)");
  command->add_flag("--detach", request->detach, "Do not wait for the outcome");
  command->callback([&session, request, timeout] {
    request->timeout = *timeout;
    if (request->operation.verb == admin::Verb::abort) split_target(request->operation);
    session.run = [&session, request] {
      return request->dry_run ? try_out(session, *request) : perform(session, *request);
    };
  });
  return command;
}

void add_guards(CLI::App& verb, const RequestPtr& request) {
  verb.add_flag("--dry-run", request->dry_run, "Say what would be done, and do nothing");
  verb.add_flag("--ignore-memory", request->operation.ignore_memory,
                "Though there may not be memory for two generations");
}

}  // namespace

void add_operations(CLI::App& app, Session& session) {
  const auto make = [] { return std::make_shared<Request>(); };

  const RequestPtr deploy = make();
  CLI::App* const deploy_verb = add_operation(
      app, session, admin::Verb::deploy, "Replace a service by a new generation, and wait", deploy);
  deploy_verb
      ->add_option("--release", deploy->operation.release,
                   "Directory of the release, instead of the configured one")
      ->type_name("DIR");
  deploy_verb->add_option("-m,--message", deploy->operation.message, "What it is for")
      ->type_name("TEXT");

  add_guards(*deploy_verb, deploy);

  const RequestPtr rollback = make();
  CLI::App* const rollback_verb =
      add_operation(app, session, admin::Verb::rollback,
                    "Back to the generation that stands by, or to an earlier release", rollback);
  rollback_verb
      ->add_option("--to", rollback->operation.generation,
                   "To this generation, instead of the one before")
      ->type_name("GENERATION");
  rollback_verb->add_option("-m,--message", rollback->operation.message, "What it is for")
      ->type_name("TEXT");
  add_guards(*rollback_verb, rollback);
  add_operation(app, session, admin::Verb::promote,
                "End the canary, or the bake, of a deploy that is under way: it is good", make());
  add_operation(app, session, admin::Verb::pause, "Stop the clock of a canary's step or a bake",
                make());
  add_operation(app, session, admin::Verb::resume, "Let it go on", make());
  add_operation(app, session, admin::Verb::abort,
                "Take back the deploy that is under way; SERVICE may name it, as in items-4",
                make());

  add_operation(app, session, admin::Verb::start, "Start a stopped service", make());
  add_operation(app, session, admin::Verb::stop, "Drain and stop a service", make());
  add_operation(app, session, admin::Verb::restart,
                "Stop a service, then start it; clients wait meanwhile", make());

  const RequestPtr scale = make();
  add_operation(app, session, admin::Verb::scale, "Change the number of workers in place", scale)
      ->add_option("N", scale->operation.workers, "How many workers")
      ->required()
      ->check(CLI::Range(1u, 512u));
}

}  // namespace baton::ctl
