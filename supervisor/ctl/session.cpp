#include "supervisor/ctl/session.hpp"

#include <unistd.h>

#include <cstdlib>
#include <ostream>

namespace baton::ctl {

Client& Session::client() {
  if (!client_) client_ = std::make_unique<Client>(socket_path);
  return *client_;
}

void Session::progress(const std::string& text) {
  if (!quiet) err_ << text << std::endl;
}

ExitCode Session::fail(const Error& error) {
  return fail(exit_code_of(error), error.message);
}

ExitCode Session::fail(ExitCode code, const std::string& message) {
  err_ << "batonctl: " << message << std::endl;
  return code;
}

bool Session::stderr_is_terminal() const {
  return ::isatty(STDERR_FILENO) == 1;
}

Colour Session::colour() const {
  const char* const forbidden = std::getenv("NO_COLOR");  // https://no-color.org
  if (no_color || (forbidden && *forbidden) || ::isatty(STDOUT_FILENO) != 1) return Colour::no;
  return Colour::yes;
}

std::string default_socket_path() {
  if (const char* const path = std::getenv("BATON_SOCKET"); path && *path) return path;
  if (::geteuid() == 0) return "/run/baton/control.sock";
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  return std::string(runtime && *runtime ? runtime : "/run") + "/baton/control.sock";
}

}  // namespace baton::ctl
