#include "supervisor/config/table_reader.hpp"

#include "common/nearest.hpp"

#include <algorithm>
#include <sstream>
#include <tuple>

namespace baton::config {
namespace {

std::string type_name(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  return text.str();
}

bool holds_nul(std::string_view text) {
  return text.find('\0') != text.npos;
}

}  // namespace

void ProblemList::add(const toml::source_region& where, std::string message) {
  problems_.push_back({file_, static_cast<unsigned>(where.begin.line),
                       static_cast<unsigned>(where.begin.column), std::move(message)});
}

void ProblemList::add_for_file(std::string message) {
  problems_.push_back({file_, 0, 0, std::move(message)});
}

Problems ProblemList::sorted() const {
  Problems result{problems_};
  std::stable_sort(result.list.begin(), result.list.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return result;
}

const toml::node* TableReader::find(const std::string& key) {
  known_.push_back(key);
  return table_.get(key);
}

void TableReader::complain(const std::string& key, const std::string& message) {
  const toml::node* const node = table_.get(key);
  problems_.add(node ? node->source() : table_.source(), message);
}

void TableReader::wrong_type(const std::string& key, const toml::node& node,
                             std::string_view wanted) {
  problems_.add(node.source(), "'" + key + "' in " + name_ + " must be " + std::string(wanted) +
                                   ", not " + type_name(node));
}

std::optional<std::string> TableReader::text(const std::string& key, Need need) {
  const toml::node* const node = find(key);
  if (!node) {
    if (need == Need::required) complain(key, "'" + key + "' is missing in " + name_);
    return std::nullopt;
  }
  const auto value = node->value_exact<std::string>();
  if (!value) return wrong_type(key, *node, "a string"), std::nullopt;
  if (value->empty() || holds_nul(*value)) {
    complain(key, "'" + key + "' in " + name_ + " must not be empty nor hold a NUL byte");
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> TableReader::number(const std::string& key, std::int64_t least,
                                                std::int64_t most) {
  const toml::node* const node = find(key);
  if (!node) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) return wrong_type(key, *node, "a whole number"), std::nullopt;
  if (*value < least || *value > most) {
    complain(key, "'" + key + "' in " + name_ + " must be from " + std::to_string(least) + " to " +
                      std::to_string(most) + ", not " + std::to_string(*value));
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> TableReader::duration(const std::string& key, Duration least,
                                              Duration most) {
  const toml::node* const node = find(key);
  if (!node) return std::nullopt;
  const auto value = node->value_exact<std::string>();
  if (!value) return wrong_type(key, *node, "a duration such as \"10s\""), std::nullopt;
  const auto parsed = parse_duration(*value);
  if (!parsed)
    return complain(key, "'" + key + "' in " + name_ + ": " + parsed.error().message), std::nullopt;
  if (*parsed < least || *parsed > most) {
    complain(key, "'" + key + "' in " + name_ + " must be from " + format_duration(least) + " to " +
                      format_duration(most) + ", not " + format_duration(*parsed));
    return std::nullopt;
  }
  return *parsed;
}

std::vector<std::string> TableReader::texts(const std::string& key, Need need) {
  const toml::node* const node = find(key);
  if (!node) {
    if (need == Need::required) complain(key, "'" + key + "' is missing in " + name_);
    return {};
  }
  const toml::array* const array = node->as_array();
  if (!array) return wrong_type(key, *node, "a list of strings"), std::vector<std::string>{};

  std::vector<std::string> values;
  for (const toml::node& item : *array) {
    const auto value = item.value_exact<std::string>();
    if (!value) {
      problems_.add(item.source(), "'" + key + "' in " + name_ + " must hold strings only, not " +
                                       type_name(item));
    } else if (holds_nul(*value)) {
      problems_.add(item.source(), "'" + key + "' in " + name_ + " must not hold a NUL byte");
    } else {
      values.push_back(*value);
    }
  }
  if (array->empty()) complain(key, "'" + key + "' in " + name_ + " must not be empty");
  return values;
}

std::map<std::string, std::string> TableReader::text_map(const std::string& key) {
  const toml::node* const node = find(key);
  if (!node) return {};
  const toml::table* const entries = node->as_table();
  if (!entries)
    return wrong_type(key, *node, "a table of strings"), std::map<std::string, std::string>{};

  std::map<std::string, std::string> values;
  for (const auto& [name, item] : *entries) {
    const auto value = item.value_exact<std::string>();
    const std::string variable{name.str()};
    if (!value) {
      wrong_type(key + "." + variable, item, "a string");
    } else if (variable.empty() || variable.find('=') != variable.npos || holds_nul(variable) ||
               holds_nul(*value)) {
      problems_.add(item.source(), "'" + key + "' in " + name_ + ": '" + variable +
                                       "' is no name for an environment variable");
    } else {
      values.emplace(variable, *value);
    }
  }
  return values;
}

const toml::table* TableReader::table(const std::string& key) {
  const toml::node* const node = find(key);
  if (!node) return nullptr;
  if (!node->is_table()) wrong_type(key, *node, "a table");
  return node->as_table();
}

void TableReader::not_supported_yet(const std::string& key) {
  if (find(key)) complain(key, "'" + key + "' in " + name_ + " is not supported yet; remove it");
}

void TableReader::finish() {
  for (const auto& [key, node] : table_) {
    const std::string name{key.str()};
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const auto meant = nearest(name, known_);
    problems_.add(key.source(), "unknown key '" + name + "' in " + name_ +
                                    (meant ? "; did you mean '" + *meant + "'?" : ""));
  }
}

}  // namespace baton::config
