// Reads one table of the config file key by key, and collects what is wrong with it: wrong types,
// impossible values, missing keys, and at the end every key that nobody asked for. A value that is
// wrong is reported and reads as its default, so that one mistake does not hide the next.
#pragma once

#include "common/duration.hpp"
#include "supervisor/config/config.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::config {

// Where problems go; remembers the file's name.
class ProblemList {
 public:
  explicit ProblemList(std::string file) : file_(std::move(file)) {}
  void add(const toml::source_region& where, std::string message);
  void add_for_file(std::string message);
  bool empty() const { return problems_.empty(); }
  Problems sorted() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

class TableReader {
 public:
  // `name` is how the file calls the table: "[services.items]".
  TableReader(const toml::table& table, std::string name, ProblemList& problems)
      : table_(table), name_(std::move(name)), problems_(problems) {}

  enum class Need { optional, required };

  std::optional<std::string> text(const std::string& key, Need need = Need::optional);
  std::optional<std::int64_t> number(const std::string& key, std::int64_t least, std::int64_t most);
  std::optional<Duration> duration(const std::string& key, Duration least, Duration most);
  std::vector<std::string> texts(const std::string& key, Need need);
  std::map<std::string, std::string> text_map(const std::string& key);
  const toml::table* table(const std::string& key);

  // A key of a later version: refused by name rather than ignored.
  void not_supported_yet(const std::string& key);

  // Every key that was not asked for is a problem, with the nearest right name.
  void finish();

  // A problem of the value of `key`, or of the table where the key is absent.
  void complain(const std::string& key, const std::string& message);
  const std::string& name() const { return name_; }

 private:
  const toml::node* find(const std::string& key);
  void wrong_type(const std::string& key, const toml::node& node, std::string_view wanted);

  const toml::table& table_;
  std::string name_;
  ProblemList& problems_;
  std::vector<std::string> known_;
};

}  // namespace baton::config
