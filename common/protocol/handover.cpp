#include "common/protocol/handover.hpp"

#include "common/protocol/message_json.hpp"

#include <optional>

namespace baton::protocol {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4];
    text += digits[value & 0xf];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digits.find(text[i]);
    const auto low = digits.find(text[i + 1]);
    if (high == digits.npos || low == digits.npos) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

HandedOver read_connection(Reader& reader) {
  HandedOver connection;
  if (auto received = from_hex(reader.text("received"))) {
    connection.received = std::move(*received);
  } else {
    reader.complain("received", "must be pairs of hexadecimal digits");
  }
  connection.requests = reader.number<std::uint64_t>("requests");
  connection.idle_left = std::chrono::milliseconds{reader.number<std::uint32_t>("idle_left_ms")};
  return connection;
}

// The object of a message that must be of this type.
std::optional<Error> read_object(std::string_view bytes, const std::string& type, Json& object) {
  if (auto error = parse_object(bytes, object)) return error;
  const std::string found = Reader(object).type();
  if (found == type) return std::nullopt;
  return Error{Errc::invalid_input,
               "a message of type '" + found.substr(0, 32) + "' instead of '" + type + "'"};
}

}  // namespace

std::string encode(const Connections& message) {
  Json list = Json::array();
  for (const HandedOver& each : message.connections) {
    list.push_back({{"received", to_hex(each.received)},
                    {"requests", each.requests},
                    {"idle_left_ms", static_cast<std::uint64_t>(each.idle_left.count())}});
  }
  return dump({{"type", "connections"}, {"connections", std::move(list)}});
}

std::string encode(const Taken& message) {
  return dump({{"type", "taken"}, {"count", message.count}});
}

Result<Connections> decode_connections(std::string_view bytes) {
  Json object;
  if (const auto error = read_object(bytes, "connections", object)) return *error;
  Connections message;
  const auto list = object.find("connections");
  if (list == object.end() || !list->is_array()) {
    return Error{Errc::invalid_input,
                 "in a message of type 'connections': 'connections' must be a list"};
  }
  for (const Json& each : *list) {
    if (!each.is_object()) {
      return Error{Errc::invalid_input,
                   "in a message of type 'connections': each of them must be an object"};
    }
    Reader reader(each);
    message.connections.push_back(read_connection(reader));
    if (!reader.problem().empty()) return finish<Connections>(reader, "connections", {});
  }
  return message;
}

Result<Taken> decode_taken(std::string_view bytes) {
  Json object;
  if (const auto error = read_object(bytes, "taken", object)) return *error;
  Reader reader(object);
  const Taken message{reader.number<std::uint64_t>("count")};
  return finish(reader, "taken", message);
}

std::size_t encoded_size(const HandedOver& connection) {
  constexpr std::size_t keys_and_numbers = 96;
  return keys_and_numbers + connection.received.size() * 2;
}

}  // namespace baton::protocol
