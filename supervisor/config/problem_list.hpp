// Collects what is wrong with one file. Not thread-safe; messages may hold text of the file as it
// is, and are made safe to show here.
#pragma once

#include "supervisor/config/config.hpp"

#include <toml++/toml.h>

#include <string>
#include <string_view>
#include <vector>

namespace baton::config {

class ProblemList {
 public:
  explicit ProblemList(std::string file) : file_(std::move(file)) {}

  void add(const toml::source_position& where, std::string_view message);
  // A problem of the file as a whole.
  void add(std::string_view message) { add({0, 0}, message); }

  bool empty() const { return problems_.empty(); }
  // In the order of the file.
  Problems sorted() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

}  // namespace baton::config
