// One message as a JSON object: how the codecs of this folder read and write it. Internal to the
// folder.
#pragma once

#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::protocol {

using Json = nlohmann::json;

// The object in `bytes`, or what is wrong with them: not JSON, too deep, too long. (Not a
// Result<Json>: a Json can be made of anything, an Error included.)
std::optional<Error> parse_object(std::string_view bytes, Json& object);

// One line, whatever bytes the strings hold: what is not UTF-8 is replaced.
std::string dump(const Json& value);

// Reads the keys of one message and remembers the first thing that is wrong with them.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {}

  std::string type() { return text("type"); }

  bool has(const char* key) const { return object_.contains(key); }

  bool truth(const char* key) {
    const Json* value = find(key);
    if (!value) return false;
    if (!value->is_boolean()) return complain(key, "must be true or false"), false;
    return value->get<bool>();
  }

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

// Turns what a reader complained about into the error, else wraps the value.
template <class Message>
Result<Message> finish(const Reader& reader, const std::string& type, Message message) {
  if (reader.problem().empty()) return message;
  return Error{Errc::invalid_input,
               "in a message of type '" + type.substr(0, 32) + "': " + reader.problem()};
}

}  // namespace baton::protocol
