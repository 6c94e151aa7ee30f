#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <csignal>
#include <cstring>
#include <memory>
#include <ostream>

namespace baton::ctl {
namespace {

// "HUP", "SIGHUP", "hup" or "1"; 0 when it is no signal.
int signal_number(std::string text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end) return number >= 1 && number < NSIG ? number : 0;

  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (text.starts_with("SIG")) text.erase(0, 3);
  for (int each = 1; each < NSIG; ++each) {
    const char* const name = ::sigabbrev_np(each);
    if (name && text == name) return each;
  }
  return 0;
}

struct Arguments {
  std::string service;
  std::string signal;
};

ExitCode send_signal(Session& session, const Arguments& arguments) {
  Json answer;
  const Json body{{"service", arguments.service}, {"signal", signal_number(arguments.signal)}};
  if (const auto error = session.client().post("/v1/signal", body, answer))
    return session.fail(*error);
  if (session.output == Output::json) {
    session.out() << answer.dump(2) << "\n";
  } else {
    const int count = answer.value("signalled", 0);
    session.out() << "sent to " << count << (count == 1 ? " worker\n" : " workers\n");
  }
  return ExitCode::done;
}

}  // namespace

void add_signal(CLI::App& app, Session& session) {
  auto* const verb = app.add_subcommand("signal", "Send a signal to the serving workers");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("SERVICE", arguments->service, "The service")->required();
  verb->add_option("SIGNAL", arguments->signal, "HUP, SIGHUP or 1")
      ->required()
      ->check([](const std::string& text) {
        return signal_number(text) > 0 ? std::string{} : "'" + text + "' is not a signal";
      });
  verb->callback([&session, arguments] {
    session.run = [&session, arguments] { return send_signal(session, *arguments); };
  });
}

}  // namespace baton::ctl
