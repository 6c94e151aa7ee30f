// The JSON form of the admin API's values: key for member, in snake case as they are declared.
// Documents that stand alone bear "schema": 1; lines of a stream do not repeat it.
//
// to_json/from_json are found by nlohmann::json; decode() wraps them so that a bad document is an
// Error that names the key, never an exception.
#pragma once

#include "common/admin/api.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace baton::admin {

using Json = nlohmann::json;

void to_json(Json& json, const WorkerStatus& value);
void from_json(const Json& json, WorkerStatus& value);
void to_json(Json& json, const GenerationStatus& value);
void from_json(const Json& json, GenerationStatus& value);
void to_json(Json& json, const ServiceStatus& value);
void from_json(const Json& json, ServiceStatus& value);
void to_json(Json& json, const Status& value);
void from_json(const Json& json, Status& value);
void to_json(Json& json, const Event& value);
void from_json(const Json& json, Event& value);
void to_json(Json& json, const LogLine& value);
void from_json(const Json& json, LogLine& value);
void to_json(Json& json, const Operation& value);
void from_json(const Json& json, Operation& value);
void to_json(Json& json, const Answer& value);
void from_json(const Json& json, Answer& value);

const char* to_string(Verb verb);

// One line, no matter what bytes the strings hold: what is not UTF-8 is replaced.
std::string dump(const Json& json);

// Adds "schema" to a document.
Json document(Json json);

// Parses text into a Json object. Errc::invalid_input when it is none; at most `max_depth` deep.
Result<void> parse_object(std::string_view text, Json& object);

// Errc::invalid_input names the key that is missing or of the wrong type.
template <class Value>
Result<Value> decode(const Json& json) {
  try {
    return json.get<Value>();
  } catch (const Json::exception& error) {
    return Error{Errc::invalid_input, std::string("bad JSON document: ") + error.what()};
  }
}

}  // namespace baton::admin
