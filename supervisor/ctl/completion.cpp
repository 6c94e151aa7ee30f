// completion: scripts for bash, zsh and fish, made from the command line's own definition, so that
// no verb and no option is ever missing. Names of services and deploys come from the supervisor, by
// the hidden verb `names`.
#include "supervisor/ctl/services.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace baton::ctl {
namespace {

enum class Names { none, services, deploys };

struct Option {
  std::vector<std::string> words;  // "-o", "--output"
  std::string help;
  bool takes_value = false;
};

struct Verb {
  std::string name;
  std::string help;
  std::vector<Option> options;
  std::vector<std::string> words;  // of its own: verbs below it, fixed values
  Names names = Names::none;
};

std::vector<Option> options_of(const CLI::App& app) {
  std::vector<Option> options;
  for (const CLI::Option* const each : app.get_options()) {
    if (each->get_positional()) continue;
    Option option{{}, each->get_description(), each->get_items_expected_max() > 0};
    for (const std::string& name : each->get_snames())
      option.words.push_back("-" + name);
    for (const std::string& name : each->get_lnames())
      option.words.push_back("--" + name);
    options.push_back(std::move(option));
  }
  return options;
}

const auto every = [](const CLI::App*) { return true; };
const auto every_option = [](const CLI::Option*) { return true; };

Verb describe(const CLI::App& app) {
  Verb verb{app.get_name(), app.get_description(), options_of(app), {}, Names::none};
  for (const CLI::App* const below : app.get_subcommands(every))
    verb.words.push_back(below->get_name());
  for (const CLI::Option* const each : app.get_options(every_option)) {
    if (!each->get_positional()) continue;
    if (each->get_name() == "SERVICE") verb.names = Names::services;
    if (each->get_name() == "DEPLOY") verb.names = Names::deploys;
    if (each->get_name() == "SHELL") verb.words = {"bash", "zsh", "fish"};
  }
  return verb;
}

std::vector<Verb> verbs_of(const CLI::App& app) {
  std::vector<Verb> verbs;
  for (const CLI::App* const each : app.get_subcommands(every)) {
    if (!each->get_group().empty()) verbs.push_back(describe(*each));
  }
  return verbs;
}

std::string joined(const std::vector<Option>& options) {
  std::string text;
  for (const Option& option : options) {
    for (const std::string& word : option.words)
      text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

std::string ask_for(Names names) {
  switch (names) {
    case Names::services:
      return " $(batonctl names services 2>/dev/null)";
    case Names::deploys:
      return " $(batonctl names deploys 2>/dev/null)";
    case Names::none:
      break;
  }
  return "";
}

std::string bash_function(const CLI::App& app) {
  std::string names;
  std::string cases;
  for (const Verb& verb : verbs_of(app)) {
    names += " " + verb.name;
    std::string words = joined(verb.options);
    for (const std::string& word : verb.words)
      words += " " + word;
    cases += "    " + verb.name + ") words=\"" + words + ask_for(verb.names) + "\" ;;\n";
  }
  return "_batonctl() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} verb= words= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n"
         "      -s | --socket | -o | --output) ((i++)) ;;\n"
         "      -*) ;;\n"
         "      *) verb=${COMP_WORDS[i]}; break ;;\n"
         "    esac\n"
         "  done\n"
         "  case $verb in\n"
         "    '') words=\"" +
         joined(options_of(app)) + names + "\" ;;\n" + cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n";
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text)
    result += c == '\'' ? std::string("\\'") : std::string(1, c);
  return result + "'";
}

std::string fish_option(const std::string& condition, const Option& option) {
  std::string line = "complete -c batonctl" + condition;
  for (const std::string& word : option.words) {
    line += word.starts_with("--") ? " -l " + word.substr(2) : " -s " + word.substr(1);
  }
  return line + (option.takes_value ? " -r" : "") + " -d " + quoted(option.help) + "\n";
}

std::string fish_script(const CLI::App& app) {
  std::string script = "complete -c batonctl -f\n";
  for (const Option& option : options_of(app))
    script += fish_option("", option);
  for (const Verb& verb : verbs_of(app)) {
    script += "complete -c batonctl -n __fish_use_subcommand -a " + verb.name + " -d " +
              quoted(verb.help) + "\n";
    const std::string condition = " -n '__fish_seen_subcommand_from " + verb.name + "'";
    for (const Option& option : verb.options)
      script += fish_option(condition, option);
    std::string words;
    for (const std::string& word : verb.words)
      words += " " + word;
    if (verb.names == Names::services) words += " (batonctl names services 2>/dev/null)";
    if (verb.names == Names::deploys) words += " (batonctl names deploys 2>/dev/null)";
    if (!words.empty()) {
      script += "complete -c batonctl" + condition + " -a '" + words.substr(1) + "'\n";
    }
  }
  return script;
}

ExitCode print_script(Session& session, const CLI::App& app, const std::string& shell) {
  if (shell == "fish") {
    session.out() << fish_script(app);
  } else if (shell == "zsh") {
    session.out() << "#compdef batonctl\nautoload -U bashcompinit && bashcompinit\n"
                  << bash_function(app) << "complete -F _batonctl batonctl\n";
  } else {
    session.out() << bash_function(app) << "complete -F _batonctl batonctl\n";
  }
  return ExitCode::done;
}

// Of services, or of the newest deploys, one a line. Silent where there is no supervisor.
ExitCode print_names(Session& session, const std::string& of) {
  if (of == "services") {
    const auto status = ask_status(session.client());
    if (!status) return ExitCode::no_supervisor;
    for (const admin::ServiceStatus& service : status->services)
      session.out() << service.name << "\n";
    return ExitCode::done;
  }
  Json answer;
  if (session.client().get("/v1/history?n=50", answer)) return ExitCode::no_supervisor;
  for (const Json& each : answer.value("deploys", Json::array()))
    session.out() << each.value("id", "") << "\n";
  return ExitCode::done;
}

}  // namespace

void add_completion(CLI::App& app, Session& session) {
  auto* const completion =
      app.add_subcommand("completion", "Print the completion script of a shell");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, &session, shell] {
    session.run = [&app, &session, shell] { return print_script(session, app, *shell); };
  });

  auto* const names = app.add_subcommand("names", "For completion scripts")->group("");
  const auto of = std::make_shared<std::string>();
  names->add_option("OF", *of, "services or deploys")
      ->required()
      ->check(CLI::IsMember({"services", "deploys"}));
  names->callback(
      [&session, of] { session.run = [&session, of] { return print_names(session, *of); }; });
}

}  // namespace baton::ctl
