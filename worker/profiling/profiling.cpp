#include "worker/profiling/profiling.hpp"

#include "worker/profiling/profiler.hpp"
#include "worker/profiling/symbols.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace baton::profiling {
namespace {

using http::Exchange;
using Clock = std::chrono::steady_clock;

constexpr std::string_view binary = "application/octet-stream";
constexpr std::string_view plain = "text/plain; charset=utf-8";
constexpr int longest_profile = 300;
constexpr int default_profile = 30;

void answer(Exchange& exchange, std::string_view type, std::string body) {
  exchange.response.content_type = type;
  exchange.response.body = std::move(body);
}

void answer_profile(Exchange& exchange, Result<std::string> profile) {
  if (profile) return answer(exchange, binary, std::move(*profile));
  const Errc code = profile.error().code;
  const unsigned status = code == Errc::busy ? 409 : code == Errc::not_found ? 501 : 500;
  http::answer_error(exchange.response, status, profile.error().message);
}

void profile(Exchange& exchange) {
  int seconds = default_profile;
  if (const auto text = exchange.request.parameter("seconds")) {
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, seconds);
    if (error != std::errc{} || stop != end || seconds < 1 || seconds > longest_profile) {
      return http::answer_error(exchange.response, 422, "'seconds' must be a number from 1 to 300");
    }
  }
  answer_profile(exchange, cpu_profile(std::chrono::seconds{seconds}, exchange.request.cancelled));
}

std::string read_file(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// One argument a line, as pprof reads it.
void command_line(Exchange& exchange) {
  std::string text = read_file("/proc/self/cmdline");
  std::replace(text.begin(), text.end(), '\0', '\n');
  answer(exchange, plain, std::move(text));
}

// GET says that symbols can be had; POST has the addresses in its body.
void symbols(Exchange& exchange) {
  const bool asks = exchange.request.method != http::Method::post;
  answer(exchange, plain, asks ? "num_symbols: 1\n" : symbolize(exchange.request.body));
}

std::uint64_t resident_bytes() {
  std::istringstream statm(read_file("/proc/self/statm"));
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t open_files() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  return error ? 0 : static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

void add_routes(http::Router& router, std::function<Vars()> vars) {
  using http::Method;
  using http::RunOn;
  router.add(Method::get, "/debug/pprof/profile", RunOn::pool, profile);
  router.add(Method::get, "/debug/pprof/heap", RunOn::pool,
             [](Exchange& exchange) { answer_profile(exchange, heap_profile()); });
  router.add(Method::get, "/debug/pprof/cmdline", RunOn::pool, command_line);
  router.add(Method::get, "/debug/pprof/symbol", RunOn::pool, symbols);
  router.add(Method::post, "/debug/pprof/symbol", RunOn::pool, symbols);
  router.add(Method::get, "/debug/vars", RunOn::pool,
             [vars = std::move(vars), started = Clock::now()](Exchange& exchange) {
               const Vars now = vars();
               const auto uptime =
                   std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
               const nlohmann::ordered_json json{
                   {"version", now.version},         {"pid", ::getpid()},
                   {"generation", now.generation},   {"uptime_ms", uptime.count()},
                   {"connections", now.connections}, {"in_flight", now.in_flight},
                   {"requests", now.requests},       {"resident_bytes", resident_bytes()},
                   {"open_files", open_files()}};
               answer(exchange, http::json_type, json.dump());
             });
}

}  // namespace baton::profiling
