#include "common/admin/api_json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace baton::admin {
namespace {

constexpr int max_depth = 16;
constexpr std::array verbs{Verb::deploy, Verb::start, Verb::stop, Verb::restart, Verb::scale};

}  // namespace

// As NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE, which makes its functions inline: the header promises them
// to others.
#define BATON_JSON_MEMBERS(Type, ...)                                          \
  void to_json(Json& nlohmann_json_j, const Type& nlohmann_json_t) {           \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_TO, __VA_ARGS__))   \
  }                                                                            \
  void from_json(const Json& nlohmann_json_j, Type& nlohmann_json_t) {         \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_FROM, __VA_ARGS__)) \
  }

BATON_JSON_MEMBERS(WorkerStatus, pid, phase, uptime_ms, deadline_ms, counted, connections,
                   in_flight, requests)
BATON_JSON_MEMBERS(GenerationStatus, number, role, release, age_ms, wanted_workers, restarting,
                   crash_looping, workers)
BATON_JSON_MEMBERS(ServiceStatus, name, state, deploy, listeners, generations)
BATON_JSON_MEMBERS(Status, version, pid, uptime_ms, services)
BATON_JSON_MEMBERS(Event, sequence, time_ms, level, kind, service, generation, pid, deploy, text)
BATON_JSON_MEMBERS(LogLine, sequence, time_ms, service, generation, pid, stream, text)
BATON_JSON_MEMBERS(Answer, outcome, reason, deploy, generation)

#undef BATON_JSON_MEMBERS

const char* to_string(Verb verb) {
  switch (verb) {
    case Verb::deploy:
      return "deploy";
    case Verb::start:
      return "start";
    case Verb::stop:
      return "stop";
    case Verb::restart:
      return "restart";
    case Verb::scale:
      return "scale";
  }
  return "unknown";
}

void to_json(Json& json, const Operation& value) {
  json = Json{{"verb", to_string(value.verb)},
              {"service", value.service},
              {"release", value.release},
              {"message", value.message},
              {"workers", value.workers}};
}

// Strict where a guess would do harm (verb, service), lenient where a default is meant.
void from_json(const Json& json, Operation& value) {
  const std::string word = json.at("verb").get<std::string>();
  const auto* const verb =
      std::find_if(verbs.begin(), verbs.end(), [&](Verb each) { return word == to_string(each); });
  if (verb == verbs.end()) {
    throw Json::other_error::create(501, "unknown verb '" + word.substr(0, 32) + "'", &json);
  }
  value.verb = *verb;
  value.service = json.at("service").get<std::string>();
  value.release = json.value("release", std::string{});
  value.message = json.value("message", std::string{});
  value.workers = json.value("workers", 0u);
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json document(Json json) {
  json["schema"] = schema;
  return json;
}

Result<void> parse_object(std::string_view text, Json& object) {
  bool too_deep = false;
  const auto limit = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > max_depth;
    return !too_deep;
  };
  object = Json::parse(text, limit, false);
  if (too_deep || !object.is_object()) {
    return Error{Errc::invalid_input,
                 too_deep ? "the JSON is nested too deeply" : "the text is not a JSON object"};
  }
  return {};
}

}  // namespace baton::admin
