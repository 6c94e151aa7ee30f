#include "supervisor/ctl/table.hpp"

#include <algorithm>
#include <cstddef>

namespace baton::ctl {
namespace {

struct Column {
  std::size_t index = 0;
  std::size_t width = 0;
  bool right = true;
};

// What the cells below the heading say of a column.
Column measure(const std::vector<std::vector<std::string>>& rows, std::size_t index) {
  Column column{index, rows.front()[index].size(), true};
  bool any = false;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::string& cell = rows[i][index];
    if (cell.empty()) continue;
    any = true;
    column.width = std::max(column.width, cell.size());
    column.right = column.right && cell.find_first_not_of("0123456789") == cell.npos;
  }
  if (!any) column.width = 0;
  return column;
}

}  // namespace

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return {};
  std::vector<Column> columns;
  for (std::size_t i = 0; i < rows.front().size(); ++i) {
    if (const Column column = measure(rows, i); column.width > 0) columns.push_back(column);
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (const Column& column : columns) {
      const std::string& cell = row[column.index];
      const std::string fill(column.width - std::min(column.width, cell.size()), ' ');
      if (!line.empty()) line += "  ";
      line += column.right ? fill + cell : cell + fill;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace baton::ctl
