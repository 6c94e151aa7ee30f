// What every verb of batonctl works with: the global options, the supervisor, and where output goes
// (data to stdout, progress and errors to stderr). One thread.
#pragma once

#include "supervisor/ctl/client.hpp"
#include "supervisor/ctl/exit_code.hpp"

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace baton::ctl {

enum class Output { table, json };
enum class Colour { no, yes };

class Session {
 public:
  Session(std::ostream& out, std::ostream& err) : out_(out), err_(err) {}

  // Set by the command line.
  std::string socket_path;
  Output output = Output::table;
  bool quiet = false;
  bool no_color = false;
  std::function<ExitCode()> run;  // what the verb does

  std::ostream& out() { return out_; }
  std::ostream& err() { return err_; }

  Client& client();

  // One line for people who wait; nothing with --quiet.
  void progress(const std::string& text);

  // Says what went wrong, and gives the exit code for it.
  ExitCode fail(const Error& error);
  ExitCode fail(ExitCode code, const std::string& message);

  bool stderr_is_terminal() const;
  Colour colour() const;  // of what goes to stdout

 private:
  std::ostream& out_;
  std::ostream& err_;
  std::unique_ptr<Client> client_;
};

// $BATON_SOCKET, else the place where batond puts it by default.
std::string default_socket_path();

}  // namespace baton::ctl
