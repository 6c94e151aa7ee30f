#include "supervisor/admin/routes.hpp"

#include "common/admin/api_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace baton::admin {
namespace {

using Respond = std::function<void(ApiResponse)>;

struct Call {
  const ApiRequest& request;
  Control& control;
  const boost::asio::any_io_executor& executor;
};

constexpr std::size_t most_lines = 10'000;

// A body that is a JSON object; otherwise it has been answered.
bool read_body(const Call& call, const Respond& respond, Json& json) {
  const auto parsed = parse_document(call.request.body, json);
  if (!parsed) respond(error_response(400, parsed.error().message));
  return parsed.has_value();
}

ApiResponse document_response(Json json) {
  return {200, dump(document(std::move(json))) + "\n", {}, {}};
}

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::not_found:
      return 404;
    case Errc::invalid_input:
      return 422;
    case Errc::not_permitted:
      return 403;
    case Errc::busy:
      return 503;
    default:
      return 500;
  }
}

ApiResponse refusal(const Error& error) {
  return error_response(status_of(error.code), error.message);
}

// The value of "key=value" in a query; names and numbers only, so nothing is percent-decoded.
std::optional<std::string> parameter(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != key) continue;
    return equals == pair.npos ? std::string{} : std::string(pair.substr(equals + 1));
  }
  return std::nullopt;
}

// ?n= and ?follow=: how many of the newest lines, and whether those that come too.
struct Extent {
  std::size_t count = 100;
  bool follow = false;
};

Result<Extent> extent_of(std::string_view query) {
  Extent extent;
  if (const auto text = parameter(query, "n")) {
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, extent.count);
    if (error != std::errc{} || stop != end || extent.count > most_lines) {
      return Error{Errc::invalid_input,
                   "'n' must be a number from 0 to " + std::to_string(most_lines)};
    }
  }
  if (const auto text = parameter(query, "follow")) {
    if (text != "0" && text != "1") return Error{Errc::invalid_input, "'follow' must be 0 or 1"};
    extent.follow = text == "1";
  }
  return extent;
}

// {"schema":1,"event":{...}}
template <class Value>
std::string line_of(const char* kind, const Value& value) {
  return dump(document({{kind, value}}));
}

// ---- the routes

void ping(const Call&, const Respond& respond) {
  respond(document_response({{"pong", true}}));
}

void status(const Call& call, const Respond& respond) {
  call.control.status([respond](const Status& now) { respond(document_response(now)); });
}

void version(const Call& call, const Respond& respond) {
  call.control.status([respond](const Status& now) {
    respond(document_response({{"version", now.version}, {"pid", now.pid}}));
  });
}

// One request: the stream says that it was accepted, what happens, and at last the answer. A client
// that goes away takes nothing with it: the operation goes on.
void operate(const Call& call, const Respond& respond) {
  Json json;
  if (!read_body(call, respond, json)) return;
  const auto operation = decode<Operation>(json);
  if (!operation) return respond(refusal(operation.error()));

  auto stream = std::make_shared<LineStream>(call.executor);
  const std::weak_ptr<LineStream> weak = stream;
  auto events = call.control.on_event([weak, service = operation->service](const Event& event) {
    if (const auto open = weak.lock(); open && event.service == service) {
      open->push(line_of("event", event));
    }
  });
  const auto begun =
      call.control.operate(*operation, call.request.peer, [weak](const Answer& answer) {
        if (const auto open = weak.lock()) {
          open->push(line_of("answer", answer));
          open->close();
        }
      });
  if (!begun) return respond(refusal(begun.error()));
  stream->prepend(line_of("accepted", Json{{"deploy", *begun}}));  // events may be there already
  stream->keep(std::move(events));
  respond({200, {}, std::move(stream), {}});
}

void dry_run(const Call& call, const Respond& respond) {
  Json json;
  if (!read_body(call, respond, json)) return;
  const auto operation = decode<Operation>(json);
  if (!operation) return respond(refusal(operation.error()));
  if (operation->verb != Verb::deploy && operation->verb != Verb::rollback) {
    return respond(error_response(422, "only a deploy and a rollback can be tried out"));
  }
  const auto plan = call.control.dry_run(*operation, call.request.peer);
  respond(plan ? document_response(*plan) : refusal(plan.error()));
}

void history(const Call& call, const Respond& respond) {
  const auto extent = extent_of(call.request.query);
  if (!extent) return respond(refusal(extent.error()));
  call.control.history(
      parameter(call.request.query, "service").value_or(""), extent->count,
      [respond](const Result<std::vector<DeployRecord>>& records) {
        respond(records ? document_response({{"deploys", *records}}) : refusal(records.error()));
      });
}

void deploy_record(const Call& call, const Respond& respond) {
  const auto id = parameter(call.request.query, "id");
  if (!id || id->empty()) return respond(error_response(422, "'id' names the deploy: items-4"));
  call.control.deploy_record(*id, [respond](const Result<DeployRecord>& record) {
    respond(record ? document_response(*record) : refusal(record.error()));
  });
}

void send_signal(const Call& call, const Respond& respond) {
  Json json;
  if (!read_body(call, respond, json)) return;
  const auto service = json.find("service");
  const auto number = json.find("signal");
  if (service == json.end() || !service->is_string() || number == json.end() ||
      !number->is_number_unsigned() || number->get<std::uint64_t>() < 1 ||
      number->get<std::uint64_t>() > 64) {
    return respond(error_response(
        422, "a signal needs 'service', a string, and 'signal', a number from 1 to 64"));
  }
  const auto count =
      call.control.signal(service->get<std::string>(), number->get<int>(), call.request.peer);
  respond(count ? document_response({{"signalled", *count}}) : refusal(count.error()));
}

void reload(const Call& call, const Respond& respond) {
  const auto reloaded = call.control.reload(call.request.peer);
  respond(reloaded ? document_response({{"reloaded", true}}) : refusal(reloaded.error()));
}

void shut_down(const Call& call, const Respond& respond) {
  respond(document_response({{"stopping", true}}));
  call.control.shutdown(call.request.peer);
}

// The newest lines, and with follow=1 all that come.
template <class Recent, class Subscribe>
void list_lines(const Call& call, const Respond& respond, const char* kind, Recent recent,
                Subscribe subscribe) {
  const auto extent = extent_of(call.request.query);
  if (!extent) return respond(refusal(extent.error()));
  std::string past;
  for (const auto& line : recent(extent->count))
    past += line_of(kind, line) + "\n";
  auto stream = std::make_shared<LineStream>(call.executor, std::move(past));
  if (extent->follow) {
    stream->keep(subscribe([weak = std::weak_ptr(stream), kind](const auto& line) {
      if (const auto open = weak.lock()) open->push(line_of(kind, line));
    }));
  } else {
    stream->close();
  }
  respond({200, {}, std::move(stream), {}});
}

void events(const Call& call, const Respond& respond) {
  list_lines(
      call, respond, "event", [&](std::size_t count) { return call.control.recent_events(count); },
      [&](auto push) { return call.control.on_event(push); });
}

void logs(const Call& call, const Respond& respond) {
  const std::string service = parameter(call.request.query, "service").value_or("");
  list_lines(
      call, respond, "line",
      [&](std::size_t count) { return call.control.recent_lines(service, count); },
      [&](auto push) {
        return call.control.on_line([push, service](const LogLine& line) {
          if (service.empty() || line.service == service) push(line);
        });
      });
}

struct Route {
  std::string_view method;
  std::string_view path;
  void (*handler)(const Call&, const Respond&);
};

constexpr std::array<Route, 12> routes{{{"GET", "/v1/ping", ping},
                                        {"GET", "/v1/version", version},
                                        {"GET", "/v1/status", status},
                                        {"GET", "/v1/events", events},
                                        {"GET", "/v1/logs", logs},
                                        {"GET", "/v1/history", history},
                                        {"GET", "/v1/deploy", deploy_record},
                                        {"POST", "/v1/operations", operate},
                                        {"POST", "/v1/dry-run", dry_run},
                                        {"POST", "/v1/signal", send_signal},
                                        {"POST", "/v1/reload", reload},
                                        {"POST", "/v1/shutdown", shut_down}}};

}  // namespace

ApiResponse error_response(unsigned status, const std::string& message) {
  const Json body{{"error", {{"status", status}, {"message", message}}}, {"schema", schema}};
  return {status, dump(body) + "\n", {}, {}};
}

void handle(const ApiRequest& request, Control& control,
            const boost::asio::any_io_executor& executor, Respond respond) {
  const auto* const route = std::find_if(
      routes.begin(), routes.end(), [&](const Route& each) { return each.path == request.path; });
  if (route == routes.end()) {
    return respond(error_response(404, "there is no " + request.path.substr(0, 100)));
  }
  if (route->method != request.method) {
    ApiResponse refusal =
        error_response(405, request.path + " takes " + std::string(route->method));
    refusal.allow = route->method;
    return respond(std::move(refusal));
  }
  route->handler(Call{request, control, executor}, respond);
}

}  // namespace baton::admin
