#include "supervisor/ctl/services.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/status_table.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

namespace baton::ctl {
namespace {

// The services that were asked for, in the order of the question.
Result<admin::Status> pick(const admin::Status& status, const std::vector<std::string>& names) {
  if (names.empty()) return status;
  admin::Status picked = status;
  picked.services.clear();
  for (const std::string& name : names) {
    auto service = find_service(status, name);
    if (!service) return service.error();
    picked.services.push_back(std::move(*service));
  }
  return picked;
}

ExitCode show_status(Session& session, const std::vector<std::string>& names) {
  const auto all = ask_status(session.client());
  if (!all) return session.fail(all.error());
  const auto status = pick(*all, names);
  if (!status) return session.fail(status.error());

  if (session.output == Output::json) {
    session.out() << admin::document(*status).dump(2) << "\n";
  } else {
    session.out() << format_status(*status, session.colour());
  }
  const bool all_running =
      std::all_of(status->services.begin(), status->services.end(), is_running);
  return all_running ? ExitCode::done : ExitCode::not_running;
}

}  // namespace

void add_status(CLI::App& app, Session& session) {
  auto* const verb =
      app.add_subcommand("status", "What is running: services, generations, workers");
  const auto names = std::make_shared<std::vector<std::string>>();
  verb->add_option("SERVICE", *names, "Only these services");
  verb->callback([&session, names] {
    session.run = [&session, names] { return show_status(session, *names); };
  });
}

}  // namespace baton::ctl
