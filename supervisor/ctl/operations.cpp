// deploy, start, stop, restart, scale: each is one request that streams what happens until its
// answer.
#include "supervisor/ctl/drain_display.hpp"
#include "supervisor/ctl/duration_option.hpp"
#include "supervisor/ctl/interruption.hpp"
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
};

// What came over the stream so far.
struct Heard {
  bool accepted = false;
  std::string deploy;
  std::optional<admin::Answer> answer;
  std::string trouble;  // why the stream ends without an answer
};

void show(Session& session, DrainDisplay* display, const std::string& line) {
  if (display) {
    display->print(line);
  } else {
    session.progress(line);
  }
}

Client::Next hear(Session& session, DrainDisplay* display, const Request& request, const Json& line,
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
    case ExitCode::failed_old_serving:
      return session.fail(code, what + " failed, generation " + std::to_string(answer.generation) +
                                    " serves on" + reason);
    case ExitCode::busy:
      return session.fail(code, what + " was refused" + reason);
    case ExitCode::superseded:
      return session.fail(code, what + " was superseded" + reason);
    default:
      return session.fail(code, what + " failed" + reason);
  }
}

ExitCode perform(Session& session, const Request& request) {
  Heard heard;
  std::optional<Error> error;
  auto cause = Interruption::Cause::none;
  {
    Client& client = session.client();
    Interruption interruption(request.timeout, [&client] { client.stop(); });
    std::unique_ptr<DrainDisplay> display;
    if (session.stderr_is_terminal() && !session.quiet && !request.detach) {
      display = std::make_unique<DrainDisplay>(session.socket_path, request.operation.service,
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
    session.run = [&session, request] { return perform(session, *request); };
  });
  return command;
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
