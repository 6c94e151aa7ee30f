// The JSON form of the admin API's values: a key for each member, in snake case as it is declared.
// Every document and every line of a stream bears "schema": 1; one that bears another number is
// refused, one without is taken for ours.
//
// Nothing here throws on any input: a bad document is Errc::invalid_input that names the key, as in
// "'services[0].name' must be a string". Unknown keys are ignored, except in an Operation: one that
// is not understood must not be carried out without what it asks for.
#pragma once

#include "common/admin/api.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace baton::admin {

using Json = nlohmann::json;

// Found by nlohmann::json, so that a value can stand wherever JSON can.
void to_json(Json& json, const WorkerStatus& value);
void to_json(Json& json, const GenerationStatus& value);
void to_json(Json& json, const ServiceStatus& value);
void to_json(Json& json, const Status& value);
void to_json(Json& json, const Event& value);
void to_json(Json& json, const LogLine& value);
void to_json(Json& json, const Operation& value);
void to_json(Json& json, const Answer& value);
void to_json(Json& json, const DryRun& value);
void to_json(Json& json, const PhaseTime& value);
void to_json(Json& json, const DeployAccount& value);
void to_json(Json& json, const DeployRecord& value);

// For Status, Event, LogLine, Operation and Answer.
template <class Value>
Result<Value> decode(const Json& json);

const char* to_string(Verb verb);

// One line, no matter what bytes the strings hold: what is not UTF-8 is replaced.
std::string dump(const Json& json);

// Adds "schema" to an object.
Json document(Json json);

// Parses one document, which must be an object, into `object`.
Result<void> parse_document(std::string_view text, Json& object);

}  // namespace baton::admin
