#include "common/protocol/codec.hpp"

#include "common/protocol/message_json.hpp"

#include <algorithm>
#include <cstdint>

namespace baton::protocol {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

template <class Message>
Result<Message> unknown_type(const std::string& type) {
  return Error{Errc::invalid_input, "unknown message type '" + type.substr(0, 32) + "'"};
}

Backlog read_backlog(Reader& reader) {
  const std::string text = reader.text("backlog");
  if (text == "serve") return Backlog::serve;
  if (text != "leave") reader.complain("backlog", "must be \"leave\" or \"serve\"");
  return Backlog::leave;
}

std::chrono::milliseconds read_timeout(Reader& reader) {
  return std::chrono::milliseconds{reader.number<std::uint32_t>("timeout_ms")};
}

std::vector<unsigned> read_lanes(Reader& reader) {
  if (!reader.has("lanes")) return {};
  const std::vector<int> numbers = reader.numbers("lanes");
  if (std::ranges::any_of(numbers, [](int number) { return number > 1; })) {
    reader.complain("lanes", "must hold nothing but 0 and 1");
  }
  return {numbers.begin(), numbers.end()};
}

Listeners read_listeners(Reader& reader) {
  Listeners listeners;
  listeners.version = reader.number<int>("version");
  listeners.capabilities = reader.texts("capabilities");
  listeners.generation = reader.number<std::uint64_t>("generation");
  listeners.names = reader.texts("names");
  listeners.lanes = read_lanes(reader);
  if (!listeners.lanes.empty() && listeners.lanes.size() != listeners.names.size()) {
    reader.complain("lanes", "must have a number for each of the names");
  }
  if (reader.has("probe")) listeners.probe = reader.truth("probe");
  return listeners;
}

Progress read_progress(Reader& reader) {
  Progress progress;
  progress.connections = reader.number<std::uint64_t>("connections");
  progress.in_flight = reader.number<std::uint64_t>("in_flight");
  progress.requests = reader.number<std::uint64_t>("requests");
  if (reader.has("errors")) progress.errors = reader.number<std::uint64_t>("errors");
  return progress;
}

}  // namespace

std::string encode(const FromWorker& message) {
  return dump(std::visit(Overloaded{
                             [](const Hello& hello) {
                               return Json{{"type", "hello"},
                                           {"versions", hello.versions},
                                           {"capabilities", hello.capabilities},
                                           {"pid", hello.pid}};
                             },
                             [](const Ready&) {
                               return Json{{"type", "ready"}};
                             },
                             [](const Accepting&) {
                               return Json{{"type", "accepting"}};
                             },
                             [](const Progress& progress) {
                               return Json{{"type", "progress"},
                                           {"connections", progress.connections},
                                           {"in_flight", progress.in_flight},
                                           {"requests", progress.requests},
                                           {"errors", progress.errors}};
                             },
                             [](const Drained& drained) {
                               return Json{{"type", "drained"},
                                           {"finished", drained.finished},
                                           {"cut_off", drained.cut_off},
                                           {"handed_over", drained.handed_over}};
                             },
                             [](const Failed& failed) {
                               return Json{{"type", "failed"}, {"reason", failed.reason}};
                             },
                         },
                         message));
}

std::string encode(const FromSupervisor& message) {
  return dump(std::visit(
      Overloaded{
          [](const Listeners& listeners) {
            Json json{{"type", "listeners"},
                      {"version", listeners.version},
                      {"capabilities", listeners.capabilities},
                      {"generation", listeners.generation},
                      {"names", listeners.names}};
            if (!listeners.lanes.empty()) json["lanes"] = listeners.lanes;
            if (listeners.probe) json["probe"] = true;
            return json;
          },
          [](const Activate& activate) {
            Json json{{"type", "activate"}};
            if (!activate.lanes.empty()) json["lanes"] = activate.lanes;
            return json;
          },
          [](const Drain& drain) {
            return Json{{"type", "drain"},
                        {"timeout_ms", static_cast<std::uint64_t>(drain.timeout.count())},
                        {"backlog", drain.backlog == Backlog::serve ? "serve" : "leave"}};
          },
          [](const HandOver&) {
            return Json{{"type", "hand_over"}};
          },
          [](const Adopt&) {
            return Json{{"type", "adopt"}};
          },
          [](const Stop&) {
            return Json{{"type", "stop"}};
          },
          [](const Ping&) {
            return Json{{"type", "ping"}};
          },
      },
      message));
}

Result<FromWorker> decode_from_worker(std::string_view bytes) {
  Json object;
  if (auto error = parse_object(bytes, object)) return *error;
  Reader reader(object);
  const std::string type = reader.type();
  const auto finished = [&](FromWorker message) {
    return finish<FromWorker>(reader, type, std::move(message));
  };

  if (type == "hello") {
    Hello hello;
    hello.versions = reader.numbers("versions");
    hello.capabilities = reader.texts("capabilities");
    hello.pid = reader.number<pid_t>("pid");
    return finished(std::move(hello));
  }
  if (type == "ready") return finished(Ready{});
  if (type == "accepting") return finished(Accepting{});
  if (type == "progress") return finished(read_progress(reader));
  if (type == "drained") {
    Drained drained;
    drained.finished = reader.number<std::uint64_t>("finished");
    drained.cut_off = reader.number<std::uint64_t>("cut_off");
    if (reader.has("handed_over")) {
      drained.handed_over = reader.number<std::uint64_t>("handed_over");
    }
    return finished(drained);
  }
  if (type == "failed") return finished(Failed{reader.text("reason")});
  return reader.problem().empty() ? unknown_type<FromWorker>(type) : finished(Ready{});
}

Result<FromSupervisor> decode_from_supervisor(std::string_view bytes) {
  Json object;
  if (auto error = parse_object(bytes, object)) return *error;
  Reader reader(object);
  const std::string type = reader.type();
  const auto finished = [&](FromSupervisor message) {
    return finish<FromSupervisor>(reader, type, std::move(message));
  };

  if (type == "listeners") return finished(read_listeners(reader));
  if (type == "activate") return finished(Activate{read_lanes(reader)});
  if (type == "drain") {
    Drain drain;
    drain.timeout = read_timeout(reader);
    drain.backlog = read_backlog(reader);
    return finished(drain);
  }
  if (type == "hand_over") return finished(HandOver{});
  if (type == "adopt") return finished(Adopt{});
  if (type == "stop") return finished(Stop{});
  if (type == "ping") return finished(Ping{});
  return reader.problem().empty() ? unknown_type<FromSupervisor>(type) : finished(Stop{});
}

Result<int> negotiate(const Hello& hello) {
  const bool shared =
      std::find(hello.versions.begin(), hello.versions.end(), version) != hello.versions.end();
  if (shared) return version;
  std::string spoken;
  for (const int each : hello.versions) {
    spoken += (spoken.empty() ? "" : ", ") + std::to_string(each);
    if (spoken.size() > 64) break;
  }
  return Error{Errc::invalid_input, "the worker speaks protocol version " +
                                        (spoken.empty() ? std::string("none") : spoken) +
                                        ", the supervisor " + std::to_string(version)};
}

}  // namespace baton::protocol
