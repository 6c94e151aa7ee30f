// What docs/state-machine.md has to show.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace baton::core {

inline void expect_documented(const std::string& table) {
  std::ostringstream doc;
  doc << std::ifstream(BATON_STATE_MACHINE_DOC).rdbuf();
  EXPECT_NE(doc.str().find(table), std::string::npos)
      << "docs/state-machine.md should hold this table:\n\n"
      << table;
}

}  // namespace baton::core
