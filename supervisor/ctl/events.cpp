#include "supervisor/ctl/follow.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace baton::ctl {
namespace {

std::string format_event(const Json& json) {
  const auto event = admin::decode<admin::Event>(json);
  if (!event) return {};
  std::string text = format_time(event->time_ms) + " " + event->level;
  if (!event->service.empty()) text += " " + event->service;
  if (event->generation > 0) text += " g" + std::to_string(event->generation);
  if (event->pid > 0) text += " " + std::to_string(event->pid);
  return text + "  " + event->text;
}

}  // namespace

void add_events(CLI::App& app, Session& session) {
  auto* const verb = app.add_subcommand("events", "What the supervisor did and saw");
  const auto options = std::make_shared<FollowOptions>();
  add_follow_options(*verb, *options);
  verb->callback([&session, options] {
    session.run = [&session, options] {
      return show_lines(session, "/v1/events" + options->query(), options->extent(), "event",
                        format_event);
    };
  });
}

}  // namespace baton::ctl
