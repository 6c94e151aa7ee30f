#include "supervisor/ctl/follow.hpp"
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
      const std::string path = "/v1/logs?n=" + std::to_string(arguments->count) +
                               "&follow=" + (arguments->follow ? "1" : "0") +
                               (arguments->service.empty() ? "" : "&service=" + arguments->service);
      return follow(session, path, "line", format_line);
    };
  });
}

}  // namespace baton::ctl
