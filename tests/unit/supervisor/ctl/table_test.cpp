#include "supervisor/ctl/table.hpp"

#include <gtest/gtest.h>

namespace baton::ctl {
namespace {

TEST(Table, NumbersAreRightAlignedAndTextLeft) {
  EXPECT_EQ(
      format_table(
          {{"PID", "PHASE", "REQUESTS"}, {"7", "accepting", "12345"}, {"4711", "ready", "6"}}),
      " PID  PHASE      REQUESTS\n"
      "   7  accepting     12345\n"
      "4711  ready             6\n");
}

TEST(Table, AColumnWithAnythingButDigitsIsText) {
  EXPECT_EQ(format_table({{"UPTIME", "X"}, {"9s", "1"}, {"10", "2"}}),
            "UPTIME  X\n"
            "9s      1\n"
            "10      2\n");
}

TEST(Table, ColumnsWithoutAnyCellAreLeftOut) {
  EXPECT_EQ(format_table({{"GEN", "TIME LEFT", "RELEASE"}, {"1", "", "/srv/r1"}}),
            "GEN  RELEASE\n"
            "  1  /srv/r1\n");
}

TEST(Table, EmptyCellsKeepTheirPlaceAndNoLineEndsInBlanks) {
  EXPECT_EQ(format_table({{"GEN", "PID", "PHASE"}, {"1", "", "restarting"}, {"2", "33", ""}}),
            "GEN  PID  PHASE\n"
            "  1       restarting\n"
            "  2   33\n");
}

TEST(Table, FirstColumnEmptyInARow) {
  EXPECT_EQ(format_table({{"A", "B"}, {"", "b"}, {"aa", "b"}}),
            "A   B\n"
            "    b\n"
            "aa  b\n");
}

TEST(Table, NothingIsNothing) {
  EXPECT_EQ(format_table({}), "");
}

}  // namespace
}  // namespace baton::ctl
