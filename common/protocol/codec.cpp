#include "common/protocol/codec.hpp"

#include "common/ipc/message_channel.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace baton::protocol {
namespace {

using Json = nlohmann::json;

// JSON is read to this depth only: nlohmann's parser keeps its own stack, but destroying a deep
// value does not.
constexpr int max_depth = 8;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

// Reads the keys of one message and remembers the first thing that is wrong with them.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {}

  std::string type() { return text("type"); }

  std::string text(const char* key) {
    const Json* value = find(key);
    if (!value) return {};
    if (!value->is_string()) return complain(key, "must be a string"), std::string{};
    return value->get<std::string>();
  }

  template <class Number>
  Number number(const char* key) {
    const Json* value = find(key);
    if (!value) return {};
    const bool fits = value->is_number_unsigned() &&
                      value->get<std::uint64_t>() <=
                          static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
    if (!fits) return complain(key, "must be a whole number in range"), Number{};
    return value->get<Number>();
  }

  std::vector<std::string> texts(const char* key) {
    return list<std::string>(key, "must be a list of strings",
                             [](const Json& item) { return item.is_string(); });
  }

  std::vector<int> numbers(const char* key) {
    return list<int>(key, "must be a list of whole numbers", [](const Json& item) {
      return item.is_number_unsigned() && item.get<std::uint64_t>() <= 1'000'000;
    });
  }

  void complain(const std::string& key, const std::string& what) {
    if (problem_.empty()) problem_ = "'" + key + "' " + what;
  }
  const std::string& problem() const { return problem_; }

 private:
  const Json* find(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end()) return complain(key, "is missing"), nullptr;
    return &*found;
  }

  template <class Item, class Check>
  std::vector<Item> list(const char* key, const char* expectation, Check check) {
    const Json* value = find(key);
    if (!value) return {};
    if (!value->is_array() || !std::all_of(value->begin(), value->end(), check)) {
      return complain(key, expectation), std::vector<Item>{};
    }
    return value->get<std::vector<Item>>();
  }

  const Json& object_;
  std::string problem_;
};

// Not a Result<Json>: a Json can be made of anything, an Error included.
std::optional<Error> parse_object(std::string_view bytes, Json& object) {
  if (bytes.size() > ipc::max_message_bytes) {
    return Error{Errc::invalid_input, "a message is longer than 64 KiB"};
  }
  bool too_deep = false;
  const auto limit_depth = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > max_depth;
    return !too_deep;
  };
  object = Json::parse(bytes, limit_depth, false);
  if (too_deep) return Error{Errc::invalid_input, "a message is nested too deeply"};
  if (!object.is_object()) return Error{Errc::invalid_input, "a message is not a JSON object"};
  return std::nullopt;
}

// Turns what a reader complained about into the error, else wraps the value.
template <class Message>
Result<Message> finish(const Reader& reader, const std::string& type, Message message) {
  if (reader.problem().empty()) return message;
  return Error{Errc::invalid_input,
               "in a message of type '" + type.substr(0, 32) + "': " + reader.problem()};
}

template <class Message>
Result<Message> unknown_type(const std::string& type) {
  return Error{Errc::invalid_input, "unknown message type '" + type.substr(0, 32) + "'"};
}

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
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

Listeners read_listeners(Reader& reader) {
  Listeners listeners;
  listeners.version = reader.number<int>("version");
  listeners.capabilities = reader.texts("capabilities");
  listeners.generation = reader.number<std::uint64_t>("generation");
  listeners.names = reader.texts("names");
  return listeners;
}

Progress read_progress(Reader& reader) {
  Progress progress;
  progress.connections = reader.number<std::uint64_t>("connections");
  progress.in_flight = reader.number<std::uint64_t>("in_flight");
  progress.requests = reader.number<std::uint64_t>("requests");
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
                                           {"requests", progress.requests}};
                             },
                             [](const Drained& drained) {
                               return Json{{"type", "drained"},
                                           {"finished", drained.finished},
                                           {"cut_off", drained.cut_off}};
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
            return Json{{"type", "listeners"},
                        {"version", listeners.version},
                        {"capabilities", listeners.capabilities},
                        {"generation", listeners.generation},
                        {"names", listeners.names}};
          },
          [](const Activate&) {
            return Json{{"type", "activate"}};
          },
          [](const Drain& drain) {
            return Json{{"type", "drain"},
                        {"timeout_ms", static_cast<std::uint64_t>(drain.timeout.count())},
                        {"backlog", drain.backlog == Backlog::serve ? "serve" : "leave"}};
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
  if (type == "activate") return finished(Activate{});
  if (type == "drain") {
    Drain drain;
    drain.timeout = read_timeout(reader);
    drain.backlog = read_backlog(reader);
    return finished(drain);
  }
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
