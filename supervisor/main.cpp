// batond: the whole supervisor on one page.
#include "common/open_files.hpp"
#include "supervisor/admin/server.hpp"
#include "supervisor/config/config.hpp"
#include "supervisor/history/store.hpp"
#include "supervisor/log/journal.hpp"
#include "supervisor/runtime/runtime_dir.hpp"
#include "supervisor/runtime/signals.hpp"
#include "supervisor/runtime/supervisor.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <exception>
#include <iostream>
#include <string>

namespace baton {
namespace {

enum ExitCode { exit_done = 0, exit_failed = 1, exit_usage = 2, exit_bad_config = 6 };

int fail(const std::string& message) {
  std::cerr << "batond: " << message << '\n';
  return exit_failed;
}

// With one of them closed, the next file that is opened would take its number, and the log be
// written into it.
void open_standard_descriptors() {
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO)
    fd = ::open("/dev/null", O_RDWR);
  if (fd >= 0) ::close(fd);
}

int check(const std::string& file) {
  const auto loaded = config::load(file);
  if (!loaded) {
    std::cerr << config::format_problems(loaded.error()) << '\n';
    return exit_bad_config;
  }
  std::cout << file << ": ok\n";
  return exit_done;
}

Result<config::Config> load_again(const std::string& file) {
  auto loaded = config::load(file);
  if (loaded) return std::move(*loaded);
  return Error{Errc::invalid_input, config::format_problems(loaded.error())};
}

Result<std::unique_ptr<log::Log>> open_log(const config::Supervisor& settings) {
  const auto level = log::parse_level(settings.log_level);
  if (!level) return level.error();
  const bool json = settings.log_format == config::LogFormat::json;
  return log::Log::open(settings.log_file, *level, json ? log::Format::json : log::Format::text);
}

void tell(log::Journal& journal, history::News news, const std::string& sentence) {
  admin::Event event;
  event.kind = "history";
  event.text = sentence;
  const bool bad = news == history::News::trouble;
  journal.record(bad ? log::Level::error : log::Level::info, std::move(event));
}

// The store calls back on its own thread, the supervisor wants to be called on the event loop's.
runtime::History remembered_in(history::Store& store, boost::asio::io_context& io) {
  const auto on_loop = [&io](auto callback) {
    return [&io, callback = std::move(callback)](auto result) {
      boost::asio::post(io, [callback, result = std::move(result)] { callback(result); });
    };
  };
  return {.past = [&store](const std::string& service) { return store.past(service); },
          .remember = [&store](const admin::DeployRecord& record,
                               const std::string& program) { store.save(record, program); },
          .recent = [&store, on_loop](
                        const std::string& service, std::size_t count,
                        auto callback) { store.recent(service, count, on_loop(callback)); },
          .find = [&store, on_loop](const std::string& id,
                                    auto callback) { store.find(id, on_loop(callback)); }};
}

int run(const std::string& file) {
  runtime::hold_signals();
  // Each worker takes a handful of descriptors. Workers get the limit that we were given.
  const auto open_files_given = raise_open_file_limit();
  enlarge_descriptor_table();
  auto config = config::load(file);
  if (!config) {
    std::cerr << config::format_problems(config.error()) << '\n';
    return exit_bad_config;
  }
  const auto runtime_dir = runtime::RuntimeDir::acquire(config->supervisor.runtime_dir);
  if (!runtime_dir) return fail(runtime_dir.error().message);
  const auto log = open_log(config->supervisor);
  if (!log) return fail(log.error().message);

  log::Journal journal(**log);
  boost::asio::io_context io(1);
  history::Store store({.file = config->supervisor.state_dir / "history.db",
                        .keep = config->supervisor.history,
                        .on_news = [&](history::News news, const std::string& sentence) {
                          boost::asio::post(
                              io, [&journal, news, sentence] { tell(journal, news, sentence); });
                        }});
  runtime::Supervisor supervisor(
      io, journal,
      {.version = BATON_VERSION,
       .load_config = [&file] { return load_again(file); },
       .inheritance = {.environment = runtime::inherited_environment(),
                       .open_files = open_files_given,
                       .probe_dir = config->supervisor.runtime_dir / "probe"},
       .history = remembered_in(store, io),
       .on_stopped = [&io] { io.stop(); }});
  const auto admin_server = admin::Server::create(io, runtime_dir->control_socket(), supervisor);
  if (!admin_server) return fail(admin_server.error().message);
  const runtime::Signals signals(io, [&](int number) { supervisor.on_signal(number); });

  if (auto started = supervisor.start(std::move(*config)); !started) {
    return fail(started.error().message);
  }
  io.run();
  journal.write(log::Level::info, "batond has stopped");
  (*admin_server)->finish();
  return exit_done;
}

}  // namespace
}  // namespace baton

int main(int argc, char** argv) {
  CLI::App app("Blue/green zero-downtime deployments for network services", "batond");
  std::string file;
  bool only_check = false;
  app.add_option("--config", file, "The config file (TOML)")->required()->type_name("FILE");
  app.add_flag("--check", only_check, "Check the config file and exit: 0 good, 6 bad");
  app.set_version_flag("--version", std::string("batond ") + BATON_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? baton::exit_done : baton::exit_usage;
  }
  try {
    baton::open_standard_descriptors();
    return only_check ? baton::check(file) : baton::run(file);
  } catch (const std::exception& error) {
    return baton::fail(error.what());
  }
}
