// Reads one table of the config file key by key, and collects what is wrong with it: wrong types,
// impossible values, missing keys, and at the end every key that nobody asked for. A value that is
// wrong is reported and then reads as if it were absent, so that one mistake does not hide the
// next. Borrows the table and the problem list.
#pragma once

#include "common/duration.hpp"
#include "supervisor/config/problem_list.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton::config {

// "; did you mean 'X'?", or nothing if no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

class TableReader {
 public:
  enum class Need { optional, required };

  // `name` is what the file calls the table: "[services.items]".
  TableReader(const toml::table& table, std::string name, ProblemList& problems)
      : table_(table), name_(std::move(name)), problems_(problems) {}

  std::optional<std::string> text(const std::string& key, Need need = Need::optional);
  std::optional<std::string> one_of(const std::string& key, std::vector<std::string> words);
  std::optional<std::filesystem::path> absolute_path(const std::string& key,
                                                     Need need = Need::optional);
  std::optional<std::int64_t> number(const std::string& key, std::int64_t least, std::int64_t most,
                                     Need need = Need::optional);
  std::optional<Duration> duration(const std::string& key, Duration least, Duration most,
                                   Need need = Need::optional);
  // A list of one string or more.
  std::vector<std::string> required_texts(const std::string& key);
  std::map<std::string, std::string> environment(const std::string& key);
  const toml::table* table(const std::string& key);
  // The tables of a list, in its order; none if there is no such key.
  std::vector<const toml::table*> tables(const std::string& key);

  // Every key that was not asked for is a problem, with the nearest right name.
  void finish();

  // Reports "'KEY' in TABLE PREDICATE" at the value of `key`, or at the table if the key is absent.
  void complain(const std::string& key, std::string_view predicate);
  // The same, at the item of the list `key` that is `item`.
  void complain_of_item(const std::string& key, std::string_view item, std::string_view predicate);
  // The same, where `key` does not fit to others of this table: nothing, if one of them all is
  // wrong in itself and has been reported.
  void complain_of_conflict(const std::string& key, std::initializer_list<std::string_view> others,
                            std::string_view predicate);

  const std::string& name() const { return name_; }

 private:
  const toml::node* find(const std::string& key, Need need);
  bool is_wrong(std::string_view key) const;
  void report(const std::string& key, const toml::node& where, std::string_view predicate);
  void report_type(const std::string& key, const toml::node& node, std::string_view wanted);

  const toml::table& table_;
  std::string name_;
  ProblemList& problems_;
  std::vector<std::string> known_;
  std::vector<std::string> wrong_;
};

}  // namespace baton::config
