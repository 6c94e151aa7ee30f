#include "tests/support/scripted_worker/script.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>

namespace baton::testing {

const std::vector<std::string>& moments() {
  static const std::vector<std::string> names{
      "start", "greeted",     "listeners", "warm",  "activate", "accepting", "request", "ping",
      "adopt", "connections", "claimed",   "taken", "drain",    "drained",   "stop"};
  return names;
}

Script parse_script(int argc, char** argv) {
  Script script;
  std::vector<std::string> entries;
  CLI::App app("A worker that does wrong, when it is told to.");
  app.add_option("--at", entries, "MOMENT=DEED, such as ready=exit:3");
  app.add_option("--version-spoken", script.version, "Protocol version");
  app.add_flag("--ignore-sigterm", script.ignores_sigterm);
  app.add_flag("--takes", script.takes);
  try {
    app.parse(argc, argv);
    for (const auto& entry : entries) {
      const auto equals = entry.find('=');
      const std::string moment = entry.substr(0, equals);
      const bool known = std::count(moments().begin(), moments().end(), moment) > 0;
      if (!known || equals == std::string::npos) throw CLI::ValidationError("--at", entry);
      script.deeds[moment].push_back(entry.substr(equals + 1));
    }
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    std::exit(2);
  }
  return script;
}

}  // namespace baton::testing
