#include "supervisor/config/table_reader.hpp"

#include "common/nearest.hpp"

#include <algorithm>
#include <sstream>

namespace baton::config {
namespace {

std::string type_name(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  return text.str();
}

// No path, argument or variable of a process can hold one.
bool holds_nul(std::string_view text) {
  return text.find('\0') != text.npos;
}

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words)
    list += (list.empty() ? "" : ", ") + word;
  return list;
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const auto meant = nearest(word, candidates);
  return meant ? "; did you mean '" + *meant + "'?" : "";
}

std::optional<std::string> TableReader::text(const std::string& key, Need need) {
  const toml::node* const node = find(key, need);
  if (!node) return std::nullopt;
  const auto value = node->value_exact<std::string>();
  if (!value) {
    report_type(key, *node, "a string");
  } else if (value->empty()) {
    complain(key, "must not be empty");
  } else if (holds_nul(*value)) {
    complain(key, "must not hold a NUL byte");
  } else {
    return value;
  }
  return std::nullopt;
}

std::optional<std::string> TableReader::one_of(const std::string& key,
                                               std::vector<std::string> words) {
  const auto value = text(key);
  if (!value || std::find(words.begin(), words.end(), *value) != words.end()) return value;
  const std::string choice = words.size() == 1 ? "must be " : "must be one of ";
  complain(key, choice + joined(words) + ", not '" + *value + "'");
  return std::nullopt;
}

std::optional<std::filesystem::path> TableReader::absolute_path(const std::string& key, Need need) {
  const auto value = text(key, need);
  if (!value) return std::nullopt;
  if (value->front() == '/') return *value;
  complain(key, "must be an absolute path, not '" + *value + "'");
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::number(const std::string& key, std::int64_t least,
                                                std::int64_t most, Need need) {
  const toml::node* const node = find(key, need);
  if (!node) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    report_type(key, *node, "a whole number");
  } else if (*value < least || *value > most) {
    complain(key, "must be from " + std::to_string(least) + " to " + std::to_string(most) +
                      ", not " + std::to_string(*value));
  } else {
    return value;
  }
  return std::nullopt;
}

std::optional<Duration> TableReader::duration(const std::string& key, Duration least, Duration most,
                                              Need need) {
  const toml::node* const node = find(key, need);
  if (!node) return std::nullopt;
  const auto value = node->value_exact<std::string>();
  if (!value) return report_type(key, *node, "a duration such as \"10s\""), std::nullopt;
  const auto parsed = parse_duration(*value);
  if (!parsed) {
    complain(key, "is wrong: " + parsed.error().message);
  } else if (*parsed < least || *parsed > most) {
    complain(key, "must be from " + format_duration(least) + " to " + format_duration(most) +
                      ", not " + format_duration(*parsed));
  } else {
    return *parsed;
  }
  return std::nullopt;
}

std::vector<std::string> TableReader::required_texts(const std::string& key) {
  std::vector<std::string> values;
  const toml::node* const node = find(key, Need::required);
  if (!node) return values;
  const toml::array* const array = node->as_array();
  if (!array) return report_type(key, *node, "a list of strings"), values;
  if (array->empty()) complain(key, "must not be empty");
  for (const toml::node& item : *array) {
    const auto value = item.value_exact<std::string>();
    if (!value) {
      report(key, item, "must hold strings only, not " + type_name(item));
    } else if (holds_nul(*value)) {
      report(key, item, "must not hold a NUL byte");
    } else {
      values.push_back(*value);
    }
  }
  return values;
}

std::map<std::string, std::string> TableReader::environment(const std::string& key) {
  std::map<std::string, std::string> values;
  const toml::table* const entries = table(key);
  if (!entries) return values;
  for (const auto& [name, item] : *entries) {
    const std::string variable{name.str()};
    const auto value = item.value_exact<std::string>();
    if (variable.empty() || variable.find('=') != variable.npos || holds_nul(variable)) {
      report(key, item, "names a variable '" + variable + "', which no environment can hold");
    } else if (!value) {
      report(key, item, "must hold strings only, not " + type_name(item));
    } else if (holds_nul(*value)) {
      report(key, item, "must not hold a NUL byte");
    } else {
      values.emplace(variable, *value);
    }
  }
  return values;
}

const toml::table* TableReader::table(const std::string& key) {
  const toml::node* const node = find(key, Need::optional);
  if (node && !node->is_table()) report_type(key, *node, "a table");
  return node ? node->as_table() : nullptr;
}

std::vector<const toml::table*> TableReader::tables(const std::string& key) {
  std::vector<const toml::table*> values;
  const toml::node* const node = find(key, Need::optional);
  if (!node) return values;
  const toml::array* const array = node->as_array();
  if (!array) return report_type(key, *node, "a list of tables"), values;
  for (const toml::node& item : *array) {
    if (item.is_table()) {
      values.push_back(item.as_table());
    } else {
      report(key, item, "must hold tables only, not " + type_name(item));
    }
  }
  return values;
}

void TableReader::finish() {
  for (const auto& [key, node] : table_) {
    const std::string word{key.str()};
    if (std::find(known_.begin(), known_.end(), word) != known_.end()) continue;
    problems_.add(key.source().begin,
                  "unknown key '" + word + "' in " + name_ + did_you_mean(word, known_));
  }
}

void TableReader::complain(const std::string& key, std::string_view predicate) {
  const toml::node* const node = table_.get(key);
  report(key, node ? *node : table_, predicate);
}

void TableReader::complain_of_item(const std::string& key, std::string_view item,
                                   std::string_view predicate) {
  const toml::node* where = table_.get(key);
  for (const toml::node& candidate : *where->as_array()) {
    if (candidate.value_exact<std::string>() == item) where = &candidate;
  }
  report(key, *where, predicate);
}

void TableReader::complain_of_conflict(const std::string& key,
                                       std::initializer_list<std::string_view> others,
                                       std::string_view predicate) {
  const auto wrong = [this](std::string_view one) { return is_wrong(one); };
  if (wrong(key) || std::any_of(others.begin(), others.end(), wrong)) return;
  complain(key, predicate);
}

const toml::node* TableReader::find(const std::string& key, Need need) {
  known_.push_back(key);
  const toml::node* const node = table_.get(key);
  if (!node && need == Need::required) complain(key, "is missing");
  return node;
}

bool TableReader::is_wrong(std::string_view key) const {
  return std::find(wrong_.begin(), wrong_.end(), key) != wrong_.end();
}

void TableReader::report(const std::string& key, const toml::node& where,
                         std::string_view predicate) {
  wrong_.push_back(key);
  problems_.add(where.source().begin, "'" + key + "' in " + name_ + " " + std::string(predicate));
}

void TableReader::report_type(const std::string& key, const toml::node& node,
                              std::string_view wanted) {
  report(key, node, "must be " + std::string(wanted) + ", not " + type_name(node));
}

}  // namespace baton::config
