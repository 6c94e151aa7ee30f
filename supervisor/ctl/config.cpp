#include "supervisor/config/config.hpp"

#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

namespace baton::ctl {
namespace {

ExitCode check(Session& session, const std::string& file) {
  const auto loaded = config::load(file);
  if (session.output == Output::json) {
    Json problems = Json::array();
    if (!loaded) {
      for (const config::Problem& problem : loaded.error().list) {
        problems.push_back({{"file", problem.file},
                            {"line", problem.line},
                            {"column", problem.column},
                            {"message", problem.message}});
      }
    }
    session.out() << admin::document({{"problems", problems}}).dump(2) << "\n";
  } else if (loaded) {
    session.out() << file << ": ok\n";
  } else {
    session.err() << config::format_problems(loaded.error()) << std::endl;
  }
  return loaded ? ExitCode::done : ExitCode::bad_config;
}

}  // namespace

void add_config(CLI::App& app, Session& session) {
  auto* const verb = app.add_subcommand("config", "About config files");
  verb->require_subcommand(1);
  auto* const check_verb = verb->add_subcommand("check", "Say what is wrong with a config file");
  const auto file = std::make_shared<std::string>();
  check_verb->add_option("FILE", *file, "The config file")->required();
  check_verb->callback(
      [&session, file] { session.run = [&session, file] { return check(session, *file); }; });
}

}  // namespace baton::ctl
