// Tables of config files that are wrong, each with all of its problems as a person gets to see
// them.
#pragma once

#include "supervisor/config/config.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton::config {

struct BadConfig {
  std::string name;
  std::string text;
  std::string problems;  // "LINE:COLUMN: message", one a line
};

inline std::string name_of(const testing::TestParamInfo<BadConfig>& info) {
  return info.param.name;
}

// What parse() finds in a text, without the file's name in front; empty if it finds nothing.
inline std::string problems_of(const std::string& text) {
  const auto loaded = parse(text, "f");
  if (loaded) return "";
  std::string problems;
  for (const Problem& problem : loaded.error().list) {
    problems += (problems.empty() ? "" : "\n") + format_problem(problem).substr(2);
  }
  return problems;
}

}  // namespace baton::config
