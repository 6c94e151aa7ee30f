#include "supervisor/ctl/command_line.hpp"

#include "common/nearest.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <ostream>

namespace baton::ctl {

void define(CLI::App& app, Session& session) {
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand behind the verb too
  app.add_option("-s,--socket", session.socket_path, "The supervisor's control socket")
      ->type_name("SOCKET")
      ->capture_default_str();
  const std::map<std::string, Output> outputs{{"table", Output::table}, {"json", Output::json}};
  app.add_option("-o,--output", session.output, "table or json")
      ->type_name("FORMAT")
      ->transform(CLI::CheckedTransformer(outputs).description(""));
  app.add_flag("-q,--quiet", session.quiet, "No progress");
  app.add_flag("--no-color", session.no_color, "No colour, even on a terminal");

  add_status(app, session);
  add_operations(app, session);
  add_wait(app, session);
  add_logs(app, session);
  add_events(app, session);
  add_signal(app, session);
  add_supervisor_verbs(app, session);
  add_config(app, session);
}

namespace {

// "; did you mean 'deploy'?" for the first word that is no verb.
std::string suggestion(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> verbs;
  for (const CLI::App* const verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(verb->get_name());
  }
  const auto word = std::find_if(arguments.begin(), arguments.end(),
                                 [](const std::string& each) { return !each.starts_with("-"); });
  if (word == arguments.end() || std::find(verbs.begin(), verbs.end(), *word) != verbs.end())
    return {};
  const auto meant = nearest(*word, verbs);
  return "'" + *word + "' is not a verb" + (meant ? "; did you mean '" + *meant + "'?" : "");
}

}  // namespace

ExitCode run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
  Session session(out, err);
  session.socket_path = default_socket_path();
  CLI::App app("Talks to batond, the zero-downtime deployment supervisor", "batonctl");
  define(app, session);
  const std::vector<std::string> as_written = arguments;
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::Success& wants_help) {
    app.exit(wants_help, out, err);
    return ExitCode::done;
  } catch (const CLI::ParseError& wrong) {
    const std::string meant = suggestion(app, as_written);
    err << "batonctl: " << (meant.empty() ? wrong.what() : meant) << "\n"
        << "Try 'batonctl --help'.\n";
    return ExitCode::usage;
  }
  return session.run();
}

}  // namespace baton::ctl
