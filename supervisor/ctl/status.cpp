#include "common/duration.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/status_table.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>

namespace baton::ctl {
namespace {

// The services that were asked for; an Error names the first that there is not.
Result<admin::Status> pick(admin::Status status, const std::vector<std::string>& names) {
  if (names.empty()) return status;
  for (const std::string& name : names) {
    const auto is_it = [&](const admin::ServiceStatus& service) { return service.name == name; };
    if (std::none_of(status.services.begin(), status.services.end(), is_it)) {
      return Error{Errc::not_found, "there is no service '" + name + "'"};
    }
  }
  std::erase_if(status.services, [&](const admin::ServiceStatus& service) {
    return std::find(names.begin(), names.end(), service.name) == names.end();
  });
  return status;
}

ExitCode show_status(Session& session, const std::vector<std::string>& names) {
  Json json;
  if (const auto error = session.client().get("/v1/status", json)) return session.fail(*error);
  const auto decoded = admin::decode<admin::Status>(json);
  if (!decoded) return session.fail(decoded.error());
  const auto status = pick(*decoded, names);
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
