#include "supervisor/ctl/command_line.hpp"

#include "common/nearest.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>

namespace baton::ctl {
namespace {

Output parse_output(const std::string& format) {
  if (format == "table") return Output::table;
  if (format == "json") return Output::json;
  throw CLI::ValidationError("--output", "'" + format + "' is neither table nor json");
}

}  // namespace

void define(CLI::App& app, Session& session) {
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "The same for all verbs");
  app.fallthrough();  // global options may stand behind the verb too
  app.add_option("-s,--socket", session.socket_path, "The supervisor's control socket")
      ->type_name("SOCKET")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "-o,--output",
         [&session](const std::string& format) { session.output = parse_output(format); },
         "table or json")
      ->type_name("FORMAT");
  app.add_flag("-q,--quiet", session.quiet, "No progress");
  app.add_flag("--no-color", session.no_color, "No colour, even on a terminal");

  add_status(app, session);
  add_operations(app, session);
  add_wait(app, session);
  add_history(app, session);
  add_logs(app, session);
  add_events(app, session);
  add_signal(app, session);
  add_supervisor_verbs(app, session);
  add_config(app, session);
  add_completion(app, session);
}

namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const verb : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  return names;
}

// What is wrong with a word that the parser did not expect, and what may have been meant.
std::string describe_unexpected(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known = option_names(app);
  const CLI::App* innermost = &app;
  while (!innermost->get_subcommands().empty()) {
    innermost = innermost->get_subcommands().front();
    const auto more = option_names(*innermost);
    known.insert(known.end(), more.begin(), more.end());
  }
  const bool is_option = word.starts_with("-");
  if (!is_option) known = verb_names(*innermost);
  if (!is_option && known.empty()) return "unexpected argument '" + word + "'";
  const auto meant = nearest(word.substr(0, word.find('=')), known);
  return "'" + word + "' is not " + (is_option ? "an option" : "a verb") +
         (meant ? "; did you mean '" + *meant + "'?" : "");
}

std::string describe(const CLI::App& app, const CLI::ParseError& wrong) {
  const std::vector<std::string> unexpected = app.remaining(true);
  if (!unexpected.empty()) return describe_unexpected(app, unexpected.front());
  if (app.get_subcommands().empty() && wrong.get_name() == "RequiredError") {
    return "no verb is given";
  }
  return wrong.what();
}

}  // namespace

ExitCode run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
  Session session(out, err);
  session.socket_path = default_socket_path();
  CLI::App app("Talks to batond, the zero-downtime deployment supervisor", "batonctl");
  define(app, session);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::Success& wants_help) {
    app.exit(wants_help, out, err);
    return ExitCode::done;
  } catch (const CLI::ParseError& wrong) {
    err << "batonctl: " << describe(app, wrong) << "\n"
        << "Try 'batonctl --help'.\n";
    return ExitCode::usage;
  }
  return session.run();
}

}  // namespace baton::ctl
