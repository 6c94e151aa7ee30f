#include "common/admin/api_json.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <tuple>
#include <utility>

namespace baton::admin {
namespace {

constexpr int max_depth = 16;              // of a value; the document's own is 0
constexpr std::size_t longest_quote = 32;  // of somebody else's text in a message of ours
constexpr std::array verbs{Verb::deploy, Verb::rollback, Verb::promote, Verb::pause,   Verb::resume,
                           Verb::abort,  Verb::start,    Verb::stop,    Verb::restart, Verb::scale};

// ---- what each value consists of, once for both directions

template <class Owner, class Value>
struct Member {
  const char* key;
  Value Owner::*where;
};

template <class Value>
constexpr int members = 0;
template <>
constexpr auto members<WorkerStatus> = std::tuple{Member{"pid", &WorkerStatus::pid},
                                                  Member{"phase", &WorkerStatus::phase},
                                                  Member{"uptime_ms", &WorkerStatus::uptime_ms},
                                                  Member{"deadline_ms", &WorkerStatus::deadline_ms},
                                                  Member{"counted", &WorkerStatus::counted},
                                                  Member{"connections", &WorkerStatus::connections},
                                                  Member{"in_flight", &WorkerStatus::in_flight},
                                                  Member{"requests", &WorkerStatus::requests},
                                                  Member{"errors", &WorkerStatus::errors}};
template <>
constexpr auto members<GenerationStatus> =
    std::tuple{Member{"number", &GenerationStatus::number},
               Member{"role", &GenerationStatus::role},
               Member{"release", &GenerationStatus::release},
               Member{"age_ms", &GenerationStatus::age_ms},
               Member{"wanted_workers", &GenerationStatus::wanted_workers},
               Member{"restarting", &GenerationStatus::restarting},
               Member{"crash_looping", &GenerationStatus::crash_looping},
               Member{"workers", &GenerationStatus::workers},
               Member{"weight", &GenerationStatus::weight},
               Member{"standby_ms", &GenerationStatus::standby_ms}};
template <>
constexpr auto members<ServiceStatus> =
    std::tuple{Member{"name", &ServiceStatus::name},
               Member{"state", &ServiceStatus::state},
               Member{"deploy", &ServiceStatus::deploy},
               Member{"listeners", &ServiceStatus::listeners},
               Member{"generations", &ServiceStatus::generations},
               Member{"deploy_id", &ServiceStatus::deploy_id},
               Member{"deploy_by", &ServiceStatus::deploy_by},
               Member{"deploy_age_ms", &ServiceStatus::deploy_age_ms},
               Member{"phase_left_ms", &ServiceStatus::phase_left_ms},
               Member{"paused", &ServiceStatus::paused}};
template <>
constexpr auto members<Status> =
    std::tuple{Member{"version", &Status::version}, Member{"pid", &Status::pid},
               Member{"uptime_ms", &Status::uptime_ms}, Member{"services", &Status::services}};
template <>
constexpr auto members<Event> =
    std::tuple{Member{"sequence", &Event::sequence}, Member{"time_ms", &Event::time_ms},
               Member{"level", &Event::level},       Member{"kind", &Event::kind},
               Member{"service", &Event::service},   Member{"generation", &Event::generation},
               Member{"pid", &Event::pid},           Member{"deploy", &Event::deploy},
               Member{"text", &Event::text}};
template <>
constexpr auto members<LogLine> =
    std::tuple{Member{"sequence", &LogLine::sequence}, Member{"time_ms", &LogLine::time_ms},
               Member{"service", &LogLine::service},   Member{"generation", &LogLine::generation},
               Member{"pid", &LogLine::pid},           Member{"stream", &LogLine::stream},
               Member{"text", &LogLine::text}};
template <>
constexpr auto members<Answer> =
    std::tuple{Member{"outcome", &Answer::outcome}, Member{"reason", &Answer::reason},
               Member{"deploy", &Answer::deploy}, Member{"generation", &Answer::generation}};

template <>
constexpr auto members<DryRun> =
    std::tuple{Member{"service", &DryRun::service}, Member{"release", &DryRun::release},
               Member{"steps", &DryRun::steps}, Member{"problems", &DryRun::problems}};
template <>
constexpr auto members<PhaseTime> =
    std::tuple{Member{"phase", &PhaseTime::phase}, Member{"time_ms", &PhaseTime::time_ms}};
template <>
constexpr auto members<DeployAccount> = std::tuple{
    Member{"finished", &DeployAccount::finished},
    Member{"handed_over", &DeployAccount::handed_over}, Member{"cut_off", &DeployAccount::cut_off},
    Member{"kernel", &DeployAccount::kernel}};
template <>
constexpr auto members<DeployRecord> = std::tuple{Member{"id", &DeployRecord::id},
                                                  Member{"service", &DeployRecord::service},
                                                  Member{"generation", &DeployRecord::generation},
                                                  Member{"kind", &DeployRecord::kind},
                                                  Member{"release", &DeployRecord::release},
                                                  Member{"digest", &DeployRecord::digest},
                                                  Member{"by", &DeployRecord::by},
                                                  Member{"message", &DeployRecord::message},
                                                  Member{"started_ms", &DeployRecord::started_ms},
                                                  Member{"finished_ms", &DeployRecord::finished_ms},
                                                  Member{"outcome", &DeployRecord::outcome},
                                                  Member{"reason", &DeployRecord::reason},
                                                  Member{"phases", &DeployRecord::phases},
                                                  Member{"account", &DeployRecord::account}};

template <class Value>
void write(Json& json, const Value& value) {
  std::apply([&](auto... member) { ((json[member.key] = value.*member.where), ...); },
             members<Value>);
}

// ---- reading; BadDocument never leaves this file

struct BadDocument {
  std::string path;
  std::string complaint;
};

void read(const Json& json, std::string& value, const std::string& path) {
  if (!json.is_string()) throw BadDocument{path, "must be a string"};
  value = json.get<std::string>();
}

void read(const Json& json, bool& value, const std::string& path) {
  if (!json.is_boolean()) throw BadDocument{path, "must be true or false"};
  value = json.get<bool>();
}

template <std::integral Number>
void read(const Json& json, Number& value, const std::string& path) {
  if (!json.is_number_integer()) throw BadDocument{path, "must be a whole number"};
  const bool fits = json.is_number_unsigned() ? std::in_range<Number>(json.get<std::uint64_t>())
                                              : std::in_range<Number>(json.get<std::int64_t>());
  if (!fits) throw BadDocument{path, "is out of range: " + json.dump()};
  value = json.get<Number>();
}

template <class Value>
void read(const Json& json, std::vector<Value>& values, const std::string& path);
template <class Value>
requires(!std::integral<Value>) void read(const Json& json, Value& value, const std::string& path);

void read(const Json& json, std::map<std::string, std::uint64_t>& values, const std::string& path) {
  if (!json.is_object()) throw BadDocument{path, "must be an object"};
  for (const auto& [key, value] : json.items())
    read(value, values[key], path + "." + key.substr(0, longest_quote));
}

template <class Value>
void read_member(const Json& json, const char* key, Value& value, const std::string& path) {
  const std::string full = path.empty() ? key : path + "." + key;
  const auto found = json.find(key);
  if (found == json.end()) throw BadDocument{full, "is missing"};
  read(*found, value, full);
}

template <class Value>
requires(!std::integral<Value>) void read(const Json& json, Value& value, const std::string& path) {
  if (!json.is_object()) throw BadDocument{path, "must be an object"};
  std::apply(
      [&](auto... member) { (read_member(json, member.key, value.*member.where, path), ...); },
      members<Value>);
}

template <class Value>
void read(const Json& json, std::vector<Value>& values, const std::string& path) {
  if (!json.is_array()) throw BadDocument{path, "must be an array"};
  for (const Json& each : json) {
    const std::string element = path + '[' + std::to_string(values.size()) + ']';
    read(each, values.emplace_back(), element);
  }
}

Verb read_verb(const Json& json) {
  std::string word;
  read_member(json, "verb", word, {});
  const auto* const verb =
      std::find_if(verbs.begin(), verbs.end(), [&](Verb each) { return word == to_string(each); });
  if (verb == verbs.end()) {
    std::string all;
    for (const Verb each : verbs)
      all += (all.empty() ? "" : ", ") + std::string(to_string(each));
    throw BadDocument{"verb", "is none of " + all};
  }
  return *verb;
}

void read(const Json& json, Operation& value, const std::string&) {
  static constexpr std::array<std::string_view, 9> known{"schema",     "verb",    "service",
                                                         "release",    "message", "workers",
                                                         "generation", "target",  "ignore_memory"};
  if (!json.is_object()) throw BadDocument{"", "must be an object"};
  for (const auto& [key, unused] : json.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw BadDocument{key.substr(0, longest_quote), "is not a key of an operation"};
    }
  }
  value.verb = read_verb(json);
  read_member(json, "service", value.service, {});
  if (json.contains("release")) read_member(json, "release", value.release, {});
  if (json.contains("message")) read_member(json, "message", value.message, {});
  if (json.contains("workers")) read_member(json, "workers", value.workers, {});
  if (json.contains("generation")) read_member(json, "generation", value.generation, {});
  if (json.contains("target")) read_member(json, "target", value.target, {});
  if (json.contains("ignore_memory")) read_member(json, "ignore_memory", value.ignore_memory, {});
}

}  // namespace

void to_json(Json& json, const WorkerStatus& value) {
  write(json, value);
}
void to_json(Json& json, const GenerationStatus& value) {
  write(json, value);
}
void to_json(Json& json, const ServiceStatus& value) {
  write(json, value);
}
void to_json(Json& json, const Status& value) {
  write(json, value);
}
void to_json(Json& json, const Event& value) {
  write(json, value);
}
void to_json(Json& json, const LogLine& value) {
  write(json, value);
}
void to_json(Json& json, const Answer& value) {
  write(json, value);
}
void to_json(Json& json, const Operation& value) {
  json = Json{{"verb", to_string(value.verb)}, {"service", value.service},
              {"release", value.release},      {"message", value.message},
              {"workers", value.workers},      {"generation", value.generation},
              {"target", value.target},        {"ignore_memory", value.ignore_memory}};
}
void to_json(Json& json, const DryRun& value) {
  write(json, value);
}
void to_json(Json& json, const PhaseTime& value) {
  write(json, value);
}
void to_json(Json& json, const DeployAccount& value) {
  write(json, value);
}
void to_json(Json& json, const DeployRecord& value) {
  write(json, value);
}

template <class Value>
Result<Value> decode(const Json& json) {
  try {
    Value value;
    read(json, value, {});
    return value;
  } catch (const BadDocument& bad) {
    const std::string subject = bad.path.empty() ? "the document" : "'" + bad.path + "'";
    return Error{Errc::invalid_input, subject + " " + bad.complaint};
  }
}

template Result<Status> decode(const Json&);
template Result<Event> decode(const Json&);
template Result<LogLine> decode(const Json&);
template Result<Operation> decode(const Json&);
template Result<Answer> decode(const Json&);
template Result<DryRun> decode(const Json&);
template Result<DeployRecord> decode(const Json&);

const char* to_string(Verb verb) {
  switch (verb) {
    case Verb::deploy:
      return "deploy";
    case Verb::rollback:
      return "rollback";
    case Verb::promote:
      return "promote";
    case Verb::pause:
      return "pause";
    case Verb::resume:
      return "resume";
    case Verb::abort:
      return "abort";
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

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json document(Json json) {
  json["schema"] = schema;
  return json;
}

Result<void> parse_document(std::string_view text, Json& object) {
  bool too_deep = false;
  const auto limit = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > max_depth;
    return !too_deep;
  };
  // The parser takes a zero byte for the end, and would not see what stands behind it.
  const bool whole = text.find('\0') == text.npos;
  object = whole ? Json::parse(text, limit, false) : Json();
  if (too_deep) return Error{Errc::invalid_input, "the JSON is nested too deeply"};
  if (!object.is_object()) return Error{Errc::invalid_input, "the text is not a JSON object"};
  if (const auto found = object.find("schema"); found != object.end() && *found != schema) {
    return Error{Errc::invalid_input, "the document's schema is " +
                                          dump(*found).substr(0, longest_quote) + ", this side's " +
                                          std::to_string(schema)};
  }
  return {};
}

}  // namespace baton::admin
