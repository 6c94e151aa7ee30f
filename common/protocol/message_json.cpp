#include "common/protocol/message_json.hpp"

#include "common/ipc/message_channel.hpp"

namespace baton::protocol {
namespace {

// JSON is read to this depth only: nlohmann's parser keeps its own stack, but destroying a deep
// value does not.
constexpr int max_depth = 8;

}  // namespace

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

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace baton::protocol
