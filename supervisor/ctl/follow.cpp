#include "supervisor/ctl/follow.hpp"

#include "supervisor/ctl/interruption.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <ctime>
#include <sstream>

namespace baton::ctl {

void add_follow_options(CLI::App& verb, FollowOptions& options) {
  verb.add_option("-n", options.count, "How many of the newest lines")
      ->check(CLI::Range(0, 10'000))
      ->type_name("N");
  verb.add_flag("-f,--follow", options.follow, "Go on with what comes, until Ctrl-C");
}

std::string FollowOptions::query() const {
  return "?n=" + std::to_string(count) + "&follow=" + (follow ? "1" : "0");
}

ExitCode show_lines(Session& session, const std::string& path, Extent extent, const char* kind,
                    const std::function<std::string(const Json&)>& format) {
  Client& client = session.client();
  Interruption interruption(std::nullopt, [&client] { client.stop(); });
  // What is there already is taken off the supervisor's hands before a slow reader (a pager) gets
  // it; what comes is shown as it comes.
  std::ostringstream past;
  std::ostream& out = extent == Extent::past ? past : session.out();
  std::optional<std::string> cut;
  const auto error = client.stream_get(path, [&](const Json& line) {
    if (line.contains(kind)) {
      const Json& what = line[kind];
      out << (session.output == Output::json ? admin::dump(admin::document(what)) : format(what))
          << '\n'
          << std::flush;
    } else if (line.contains("error")) {
      cut = line.value("/error/message"_json_pointer, std::string{});
    }
    return out ? Client::Next::more : Client::Next::enough;
  });
  session.out() << past.str() << std::flush;
  if (error) return session.fail(*error);
  if (cut) return session.fail(ExitCode::failed, *cut);
  return ExitCode::done;
}

std::string format_time(std::int64_t milliseconds_since_1970) {
  const std::time_t seconds = milliseconds_since_1970 / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%F %T", &local);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03d",
                static_cast<int>(milliseconds_since_1970 % 1000));
  return std::string(text.data(), length) + fraction.data();
}

}  // namespace baton::ctl
