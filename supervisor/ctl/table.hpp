// A table for people: columns as wide as what stands in them, two blanks apart. Pure.
#pragma once

#include <string>
#include <vector>

namespace baton::ctl {

// The first row is the heading. Columns whose cells are all empty are left out. Columns of numbers
// (nothing but digits below the heading) are aligned right.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace baton::ctl
