#include "tests/torture/account.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace baton::torture {
namespace {

constexpr std::size_t most_examples = 20;
constexpr std::size_t slow_name_size = 180;  // the service takes up to 200 characters

std::string host_of(const net::Address& target) {
  return std::holds_alternative<net::UnixAddress>(target) ? "localhost" : format_address(target);
}

}  // namespace

Account::Account(const Options& options, Live& live) : options_(options), live_(live) {
  report_.started = last_answer_ = Clock::now();
}

bool Account::is_over() const {
  if (live_.stop) return true;
  if (options_.requests > 0 && report_.sent >= options_.requests) return true;
  return options_.duration.count() > 0 && Clock::now() - report_.started >= options_.duration;
}

std::optional<Request> Account::begin_request() {
  if (is_over()) return std::nullopt;
  Request request = make_request(++report_.sent);
  live_.begun = report_.sent;
  request.begun = Clock::now();
  return request;
}

void Account::connection_opened(std::uint64_t number) {
  live_.connections = ++report_.connections;
  report_.connections_per_client_max = std::max(report_.connections_per_client_max, number);
}

Request Account::make_request(std::uint64_t serial) const {
  Request request;
  request.serial = serial;
  request.asks_to_close = options_.mode != Mode::keep_alive && options_.mode != Mode::pipelined;
  const bool slow = options_.mode == Mode::slow_body;
  const bool post = slow || serial % 100 < options_.post_percent;
  if (post) {
    request.expected_status = 201;
    request.name = options_.name_prefix + "-" + std::to_string(serial);
    if (slow) request.name.resize(std::max(request.name.size(), slow_name_size), '.');
    request.body = nlohmann::json({{"name", request.name}}).dump();
  }
  request.head = (post ? "POST " + options_.post_path : "GET " + options_.get_path) +
                 " HTTP/1.1\r\nHost: " + host_of(options_.target) + "\r\n";
  if (!options_.token.empty()) request.head += "Authorization: Bearer " + options_.token + "\r\n";
  if (options_.mode == Mode::pipelined) {
    request.id = options_.name_prefix + "-" + std::to_string(serial);
    request.head += "X-Request-Id: " + request.id + "\r\n";
  }
  if (request.asks_to_close) request.head += "Connection: close\r\n";
  if (post) {
    request.head +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(request.body.size()) +
        "\r\n";
  }
  request.head += "\r\n";
  return request;
}

void Account::answer(const Request& request, const Response& response) {
  if (response.closes() && !request.asks_to_close) ++report_.close_answers;
  if (is_another_answer(request, response)) {
    return lose(request, Loss::wrong_answer,
                "out of order: the answer to " + std::string(*response.field("x-request-id")));
  }
  if (response.status != request.expected_status) {
    return lose(request, Loss::wrong_status,
                "answered " + std::to_string(response.status) + " instead of " +
                    std::to_string(request.expected_status) + ": " + response.body.substr(0, 200));
  }
  if (!request.name.empty() && !acknowledge(request, response)) {
    return lose(request, Loss::wrong_answer,
                "a 201 for something else: " + response.body.substr(0, 200));
  }
  const auto now = Clock::now();
  const auto silence = std::chrono::duration_cast<std::chrono::microseconds>(now - last_answer_);
  report_.longest_silence = std::max(report_.longest_silence, silence);
  last_answer_ = now;
  ++report_.answered;
  live_.answered = report_.answered;
  ++report_.statuses[response.status];
  const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(now - request.begun);
  report_.latencies_us.push_back(static_cast<std::uint32_t>(latency.count()));
  see_generation(response, now);
}

// Not every server repeats our X-Request-Id, and one may give ids of its own: only an id that is
// ours, and not this request's, says anything.
bool Account::is_another_answer(const Request& request, const Response& response) const {
  const auto id = response.field("x-request-id");
  return id && !request.id.empty() && *id != request.id &&
         id->starts_with(options_.name_prefix + "-");
}

bool Account::acknowledge(const Request& request, const Response& response) {
  const auto item = nlohmann::json::parse(response.body, nullptr, false);
  if (!item.is_object() || !item.contains("id") || !item["id"].is_number_integer()) return false;
  if (!item.contains("name") || item["name"] != request.name) return false;
  report_.acknowledged.push_back({item["id"].get<std::int64_t>(), request.name});
  return true;
}

void Account::see_generation(const Response& response, Clock::time_point now) {
  const auto worker = response.field("x-worker");
  if (!worker) return;
  std::uint64_t number = 0;
  int pid = 0;
  const char* end = worker->data() + worker->size();
  const auto dot = std::from_chars(worker->data(), end, number).ptr;
  if (dot == end || *dot != '.') return;
  std::from_chars(dot + 1, end, pid);
  auto& seen = report_.generations[number];
  if (seen.answers++ == 0) seen.first = now;
  seen.last = now;
  seen.pids.insert(pid);
  if (number > live_.newest_generation) live_.newest_generation = number;
}

void Account::lose(const Request& request, Loss loss, const std::string& detail) {
  ++report_.lost_requests;
  count_loss(loss, "request " + std::to_string(request.serial) + ": " + detail);
}

void Account::lose_connection(Loss loss, const std::string& detail) {
  ++report_.lost_connections;
  count_loss(loss, "a connection: " + detail);
}

void Account::count_loss(Loss loss, const std::string& sentence) {
  ++report_.losses[loss];
  ++live_.lost;
  if (report_.examples.size() >= most_examples) return;
  const std::chrono::duration<double> at = Clock::now() - report_.started;
  report_.examples.push_back("after " + std::to_string(at.count()) + " s: " + to_string(loss) +
                             ": " + sentence);
}

Report Account::finish() {
  report_.ended = Clock::now();
  std::sort(report_.latencies_us.begin(), report_.latencies_us.end());
  return std::move(report_);
}

}  // namespace baton::torture
