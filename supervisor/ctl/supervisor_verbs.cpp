// reload, shutdown, ping, version: about the supervisor as a whole.
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <ostream>

namespace baton::ctl {
namespace {

ExitCode show(Session& session, const Json& answer, const char* text) {
  if (session.output == Output::json) {
    session.out() << answer.dump(2) << "\n";
  } else {
    session.out() << text << "\n";
  }
  return ExitCode::done;
}

ExitCode reload(Session& session) {
  Json answer;
  const auto error = session.client().post("/v1/reload", Json::object(), answer);
  if (!error) return show(session, answer, "reloaded; every service is being deployed");
  const bool bad_file = error->code == Errc::invalid_input;
  return bad_file ? session.fail(ExitCode::bad_config, error->message) : session.fail(*error);
}

ExitCode shut_down(Session& session) {
  Json answer;
  if (const auto error = session.client().post("/v1/shutdown", Json::object(), answer)) {
    return session.fail(*error);
  }
  return show(session, answer, "stopping; workers finish what they have");
}

ExitCode ping(Session& session) {
  Json answer;
  if (const auto error = session.client().get("/v1/ping", answer)) return session.fail(*error);
  return show(session, answer, "pong");
}

ExitCode version(Session& session) {
  Json answer{{"batonctl", BATON_VERSION}, {"batond", nullptr}};
  Json found;
  std::string batond = "not running";
  if (!session.client().get("/v1/version", found)) {
    batond = found.value("version", std::string("of unknown version"));
    answer["batond"] = batond;
  }
  const std::string text = std::string("batonctl ") + BATON_VERSION + "\nbatond   " + batond;
  return show(session, admin::document(answer), text.c_str());
}

}  // namespace

void add_supervisor_verbs(CLI::App& app, Session& session) {
  const auto add = [&](const char* name, const char* help, ExitCode (*verb)(Session&)) {
    app.add_subcommand(name, help)->callback([&session, verb] {
      session.run = [&session, verb] { return verb(session); };
    });
  };
  add("reload", "Read the config file again and deploy every service", reload);
  add("shutdown", "Stop the supervisor when its workers have finished", shut_down);
  add("ping", "Whether the supervisor answers", ping);
  add("version", "The versions of batonctl and batond", version);
}

}  // namespace baton::ctl
