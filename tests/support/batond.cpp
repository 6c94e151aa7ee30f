#include "tests/support/batond.hpp"

#include "common/result.hpp"

#include <sys/time.h>

#include <csignal>
#include <ctime>

namespace baton::testing {
namespace {

Command batond_command(const Site& site, std::vector<std::string> wrapper) {
  wrapper.insert(wrapper.end(), {program("batond"), "--config", site.config_file()});
  if (wrapper.front().front() != '/') wrapper.insert(wrapper.begin(), "/usr/bin/env");
  return {wrapper, {}};
}

std::optional<LogEntry> parse_entry(const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  LogEntry entry;
  entry.time = json.value("time", "");
  entry.level = json.value("level", "");
  entry.kind = json.value("kind", "");
  entry.service = json.value("service", "");
  entry.generation = json.value("generation", std::uint64_t{0});
  entry.pid = json.value("pid", 0);
  entry.stream = json.value("stream", "");
  entry.text = json.value("text", "");
  return entry;
}

// "2026-11-23T13:00:01.123Z"
std::chrono::milliseconds since_1970(const std::string& time) {
  std::tm parts{};
  const char* rest = ::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  const long fraction = rest == nullptr ? 0 : std::strtol(rest + 1, nullptr, 10);
  return std::chrono::seconds{::timegm(&parts)} + std::chrono::milliseconds{fraction};
}

}  // namespace

Batond::Batond(const Site& site, std::vector<std::string> wrapper)
    : site_(site), process_(batond_command(site, std::move(wrapper))) {}

std::optional<int> Batond::stop() {
  process_.signal(SIGTERM);
  return process_.wait();
}

std::optional<LogEntry> Batond::wait_for(const std::function<bool(const LogEntry&)>& fits,
                                         std::size_t from) {
  const auto line = process_.err().wait_for(
      [&](const std::string& text) {
        const auto entry = parse_entry(text);
        return entry && fits(*entry);
      },
      from);
  return line ? parse_entry(*line) : std::nullopt;
}

std::optional<LogEntry> Batond::wait_for(const std::string& kind, std::uint64_t generation,
                                         const std::string& service) {
  return wait_for([&](const LogEntry& entry) {
    return entry.kind == kind && (generation == 0 || entry.generation == generation) &&
           (service.empty() || entry.service == service);
  });
}

std::vector<LogEntry> Batond::entries(const std::string& kind) {
  std::vector<LogEntry> result;
  for (const auto& line : process_.err().all()) {
    const auto entry = parse_entry(line);
    if (entry && (kind.empty() || entry->kind == kind)) result.push_back(*entry);
  }
  return result;
}

net::Address Batond::address(const std::string& listener) {
  const std::string start = "listener " + listener + " on ";
  const auto bound = wait_for([&](const LogEntry& entry) {
    return entry.kind == "listener_bound" && entry.text.starts_with(start);
  });
  if (!bound) throw Failure({Errc::timed_out, "batond has not bound " + listener});
  return net::parse_address(bound->text.substr(start.size())).value();
}

Command Batond::ctl_command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {program("batonctl"), "-s", site_.control_socket()});
  return {arguments, {}};
}

Ran Batond::ctl(std::vector<std::string> arguments) const {
  return run(ctl_command(std::move(arguments)));
}

nlohmann::json Batond::status() const {
  const Ran ran = ctl({"-o", "json", "status"});
  return nlohmann::json::parse(ran.out, nullptr, false);
}

std::chrono::milliseconds between(const LogEntry& first, const LogEntry& second) {
  return since_1970(second.time) - since_1970(first.time);
}

}  // namespace baton::testing
