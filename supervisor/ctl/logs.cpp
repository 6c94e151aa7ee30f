#include "supervisor/ctl/follow.hpp"
#include "supervisor/ctl/services.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace baton::ctl {
namespace {

std::string format_line(const Json& json) {
  const auto line = admin::decode<admin::LogLine>(json);
  if (!line) return {};
  return format_time(line->time_ms) + " " + line->service + " g" +
         std::to_string(line->generation) + " " + std::to_string(line->pid) + "  " + line->text;
}

}  // namespace

void add_logs(CLI::App& app, Session& session) {
  struct Arguments : FollowOptions {
    std::string service;
  };
  auto* const verb = app.add_subcommand("logs", "What the workers printed");
  const auto arguments = std::make_shared<Arguments>();
  add_follow_options(*verb, *arguments);
  verb->add_option("SERVICE", arguments->service, "Only this service");
  verb->callback([&session, arguments] {
    session.run = [&session, arguments] {
      std::string path = "/v1/logs" + arguments->query();
      if (!arguments->service.empty()) {
        const auto status = ask_status(session.client());
        if (!status) return session.fail(status.error());
        const auto service = find_service(*status, arguments->service);
        if (!service) return session.fail(service.error());
        path += "&service=" + service->name;
      }
      return show_lines(session, path, arguments->extent(), "line", format_line);
    };
  });
}

}  // namespace baton::ctl
