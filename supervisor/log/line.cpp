#include "supervisor/log/line.hpp"

#include "supervisor/log/printable.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>

namespace baton::log {
namespace {

constexpr std::array<std::string_view, 5> level_names{"trace", "debug", "info", "warn", "error"};

std::string utc(std::chrono::system_clock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto fraction = std::chrono::floor<std::chrono::milliseconds>(time - whole);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  const std::size_t length = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> millis{};
  std::snprintf(millis.data(), millis.size(), ".%03dZ", static_cast<int>(fraction.count()));
  return std::string(date.data(), length) + millis.data();
}

std::string padded_level(Level level) {
  std::string name(to_string(level));
  for (char& letter : name)
    letter = static_cast<char>(std::toupper(letter));
  name.resize(6, ' ');
  return name;
}

std::string as_text(const Line& line) {
  std::string out = utc(line.time) + ' ' + padded_level(line.level);
  const std::size_t subject = out.size();
  const auto word = [&](std::string_view value) {
    if (value.empty()) return;
    if (out.size() > subject) out += ' ';
    out += value;
  };
  word(line.service);
  if (line.generation != 0) word("g" + std::to_string(line.generation));
  if (line.pid != 0) word("pid " + std::to_string(line.pid));
  word(line.deploy);
  word(line.stream);
  if (out.size() > subject) out += "  ";
  return out + printable(line.text);
}

std::string as_json(const Line& line) {
  nlohmann::ordered_json out{{"time", utc(line.time)}, {"level", to_string(line.level)}};
  const auto field = [&](const char* name, std::string_view value) {
    if (!value.empty()) out[name] = value;
  };
  field("service", line.service);
  if (line.generation != 0) out["generation"] = line.generation;
  if (line.pid != 0) out["pid"] = line.pid;
  field("deploy", line.deploy);
  field("kind", line.kind);
  field("stream", line.stream);
  out["text"] = printable(line.text);
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string_view to_string(Level level) {
  return level_names.at(static_cast<std::size_t>(level));
}

Result<Level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names.at(i) == name) return static_cast<Level>(i);
  }
  return Error{Errc::invalid_input, "'" + printable(name) +
                                        "' is not a log level: use trace, debug, info, warn "
                                        "or error"};
}

std::string format(Format format, const Line& line) {
  return format == Format::json ? as_json(line) : as_text(line);
}

}  // namespace baton::log
