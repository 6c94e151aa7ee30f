#include "worker/options.hpp"

#include "common/net/address.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

namespace baton::worker {
namespace {

void add_duration(CLI::App& app, const std::string& name, Duration& target,
                  const std::string& help) {
  app.add_option_function<std::string>(
         name,
         [&target, name](const std::string& text) {
           const auto parsed = parse_duration(text);
           if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
           if (*parsed == Duration::zero()) {
             throw CLI::ValidationError(name, "must be longer than nothing");
           }
           target = *parsed;
         },
         help)
      ->type_name("DURATION")
      ->default_str(format_duration(target));
}

std::string check_address(const std::string& text) {
  const auto address = net::parse_address(text);
  return address ? "" : address.error().message;
}

void add_serving_options(CLI::App& app, Options& options) {
  app.add_option("--listen", options.listen, "where to listen when run alone; can be repeated")
      ->type_name("ADDRESS")
      ->check(CLI::Validator(check_address, ""));
  app.add_option("--database", options.database, "the SQLite file of the items")->type_name("FILE");
  app.add_option("--threads", options.threads, "threads that serve connections")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  add_duration(app, "--read-header-timeout", options.timeouts.read_header,
               "from the first byte of a request to the end of its header");
  add_duration(app, "--read-timeout", options.timeouts.read, "for a whole request");
  add_duration(app, "--write-timeout", options.timeouts.write, "for a whole response");
  add_duration(app, "--idle-timeout", options.timeouts.idle, "without a request on a connection");
  add_duration(app, "--shutdown-timeout", options.shutdown_timeout,
               "for what is in flight when a signal says stop");
  app.add_option("--header-limit", options.limits.header, "bytes of a request's header")
      ->check(CLI::Range(std::size_t{256}, std::size_t{1} << 20))
      ->capture_default_str();
  app.add_option("--body-limit", options.limits.body, "bytes of a request's body")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 30))
      ->capture_default_str();
  app.add_option("--admin", options.admin,
                 "private listener for /debug, never to be reachable from outside; %p is the pid")
      ->type_name("ADDRESS")
      ->check(CLI::Validator(check_address, ""));
  app.add_flag("--identify", options.identify, "X-Worker: GENERATION.PID in each response");
  app.add_flag("--access-log", options.access_log, "a line for each request; costs a write each");
  app.add_option("--log-level", options.log_level, "what is logged")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
      ->capture_default_str();
}

// Of serving and of making tokens.
void add_token_options(CLI::App& app, Options& options) {
  app.add_option("--secret-file", options.secret_file,
                 "holds the secret of the tokens; else BATON_JWT_SECRET does")
      ->type_name("FILE");
  app.add_option("--issuer", options.issuer, "of the tokens")->capture_default_str();
  app.add_option("--audience", options.audience, "of the tokens")->capture_default_str();
}

}  // namespace

std::optional<EarlyExit> parse_options(int argc, const char* const* argv, Options& options) {
  CLI::App app("The reference worker of Baton: an items API over HTTP/1.1.", "baton-worker");
  app.set_version_flag("--version", "baton-worker " BATON_VERSION);
  add_serving_options(app, options);
  add_token_options(app, options);
  std::string subject;
  CLI::App* token = app.add_subcommand("token", "prints a token for development, and nothing else");
  token->add_option("--subject", subject, "whom it is for")->required()->type_name("NAME");
  add_duration(*token, "--lifetime", options.token_lifetime, "how long it is good for");
  add_token_options(*token, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    const bool is_error = app.exit(error, out, out) != 0;
    return EarlyExit{is_error ? 2 : 0, out.str()};
  }
  if (*token) {
    options.token_subject = subject;
  } else if (options.database.empty()) {
    return EarlyExit{2, "--database FILE is missing: the SQLite file of the items\n"};
  }
  return std::nullopt;
}

}  // namespace baton::worker
