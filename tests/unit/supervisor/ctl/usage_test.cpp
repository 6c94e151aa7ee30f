// The command line itself: what is wrong with it is said before anybody is asked.
#include "supervisor/ctl/command_line.hpp"
#include "supervisor/ctl/exit_code.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace baton::ctl {
namespace {

struct Said {
  ExitCode code{};
  std::string out;
  std::string err;
};

Said say(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = run(arguments, out, err);
  return {code, out.str(), err.str()};
}

TEST(Usage, MistakesAreNamedWithWhatMayHaveBeenMeant) {
  struct Row {
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::vector<Row> rows{
      {{}, "no verb is given"},
      {{"-q"}, "no verb is given"},
      {{"depoly", "items"}, "'depoly' is not a verb; did you mean 'deploy'?"},
      {{"stauts"}, "'stauts' is not a verb; did you mean 'status'?"},
      {{"frobnicate"}, "'frobnicate' is not a verb"},
      {{"config", "chek", "a.toml"}, "'chek' is not a verb; did you mean 'check'?"},
      {{"ping", "items"}, "unexpected argument 'items'"},
      {{"stop", "items", "mail"}, "unexpected argument 'mail'"},
      {{"deploy", "items", "--timout", "3s"},
       "'--timout' is not an option; did you mean '--timeout'?"},
      {{"deploy", "items", "--timout=3s"},
       "'--timout=3s' is not an option; did you mean '--timeout'?"},
      {{"status", "--nocolor"}, "'--nocolor' is not an option; did you mean '--no-color'?"},
      {{"status", "-x"}, "'-x' is not an option"},
      {{"deploy"}, "SERVICE is required"},
      {{"scale", "items"}, "N is required"},
      {{"wait", "items"}, "--for is required"},
      {{"signal", "items"}, "SIGNAL is required"},
      {{"config"}, "A subcommand is required"},
      {{"config", "check"}, "FILE is required"},
      {{"wait", "items", "--for", "steady"},
       "--for: 'steady' is none of ready, drained, generation=N"},
      {{"wait", "items", "--for", "generation="},
       "--for: 'generation=' is none of ready, drained, generation=N"},
      {{"wait", "items", "--for", "generation=-1"},
       "--for: 'generation=-1' is none of ready, drained, generation=N"},
      {{"wait", "items", "--for", "generation=7x"},
       "--for: 'generation=7x' is none of ready, drained, generation=N"},
      {{"signal", "items", "SIGNOTHING"}, "SIGNAL: 'SIGNOTHING' is not a signal"},
      {{"signal", "items", "0"}, "SIGNAL: '0' is not a signal"},
      {{"signal", "items", "65"}, "SIGNAL: '65' is not a signal"},
      {{"scale", "items", "0"}, "N: Value 0 not in range 1 to 512"},
      {{"scale", "items", "513"}, "N: Value 513 not in range 1 to 512"},
      {{"scale", "items", "two"}, "N: Value two not in range 1 to 512"},
      {{"logs", "-n", "10001"}, "-n: Value 10001 not in range 0 to 10000"},
      {{"logs", "-n", "-1"}, "-n: Value -1 not in range 0 to 10000"},
      {{"-o", "yaml", "status"}, "--output: 'yaml' is neither table nor json"},
      {{"status", "--output=1"}, "--output: '1' is neither table nor json"},
      {{"deploy", "items", "--timeout="}, "--timeout: 1 required DURATION missing"},
  };
  for (const Row& row : rows) {
    const Said said = say(row.arguments);
    EXPECT_EQ(said.code, ExitCode::usage) << row.message;
    EXPECT_EQ(said.out, "");
    EXPECT_EQ(said.err, "batonctl: " + row.message + "\nTry 'batonctl --help'.\n");
  }
}

TEST(Usage, BadDurationsAreRefusedWithTheReason) {
  const std::string remedy = "; write it like 250ms, 10s or 1m30s";
  const std::vector<std::pair<std::string, std::string>> rows{
      {"10", "bad duration '10': the unit is missing (ms, s, m, h or d)" + remedy},
      {"ten", "bad duration 'ten': a number is missing" + remedy},
      {"-3s", "bad duration '-3s': a number is missing" + remedy},
      {"3w", "bad duration '3w': unknown unit 'w' (ms, s, m, h or d)" + remedy},
      {"1s1m", "bad duration '1s1m': units go from large to small, each once" + remedy},
      {"366d", "bad duration '366d': it is longer than 365 days" + remedy},
  };
  for (const auto& [text, message] : rows) {
    for (const std::vector<std::string>& verb :
         {std::vector<std::string>{"deploy", "items"}, {"wait", "items", "--for", "ready"}}) {
      std::vector<std::string> arguments = verb;
      arguments.push_back("--timeout=" + text);
      const Said said = say(arguments);
      EXPECT_EQ(said.code, ExitCode::usage) << text;
      EXPECT_EQ(said.err, "batonctl: --timeout: " + message + "\nTry 'batonctl --help'.\n");
    }
  }
}

TEST(Usage, HelpGoesToStandardOutput) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"-h"}, {"deploy", "--help"}, {"config", "-h"}}) {
    const Said said = say(arguments);
    EXPECT_EQ(said.code, ExitCode::done);
    EXPECT_EQ(said.err, "");
    EXPECT_NE(said.out.find("Usage: "), std::string::npos) << said.out;
  }
}

TEST(Usage, HelpNamesEveryVerb) {
  const std::string help = say({"--help"}).out;
  for (const std::string verb :
       {"status", "deploy", "start", "stop", "restart", "scale", "signal", "wait", "logs", "events",
        "reload", "shutdown", "ping", "version", "config"}) {
    EXPECT_NE(help.find("\n  " + verb + " "), std::string::npos) << verb;
  }
}

}  // namespace
}  // namespace baton::ctl
