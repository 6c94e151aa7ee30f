#include "supervisor/runtime/line_splitter.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace baton::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Collected {
  std::vector<std::string> lines;
  LineSplitter splitter{[this](std::string line) { lines.push_back(std::move(line)); }};
};

TEST(LineSplitter, JoinsPiecesAndKeepsEmptyLines) {
  Collected out;
  out.splitter.feed("a");
  EXPECT_THAT(out.lines, IsEmpty());
  out.splitter.feed("b\n\nc\r\nd");
  EXPECT_THAT(out.lines, ElementsAre("ab", "", "c"));
}

TEST(LineSplitter, WhatIsLeftAtTheEndIsALine) {
  Collected out;
  out.splitter.feed("a\nb");
  out.splitter.finish();
  out.splitter.finish();
  EXPECT_THAT(out.lines, ElementsAre("a", "b"));
}

TEST(LineSplitter, KeepsALineOfTheGreatestLengthWhole) {
  Collected out;
  const std::string longest(max_line_bytes, 'x');
  out.splitter.feed(longest + "\nnext\n");
  EXPECT_THAT(out.lines, ElementsAre(longest, "next"));
}

TEST(LineSplitter, CutsAndMarksALongerOne) {
  Collected out;
  out.splitter.feed(std::string(max_line_bytes, 'x') + "y\n");
  EXPECT_THAT(out.lines,
              ElementsAre(std::string(max_line_bytes, 'x') + std::string(cut_mark), "y"));
}

TEST(LineSplitter, BoundsALineThatNeverEnds) {
  Collected out;
  for (int i = 0; i < 1000; ++i)
    out.splitter.feed(std::string(1000, 'x'));
  EXPECT_EQ(out.lines.size(), 1'000'000 / max_line_bytes);
  for (const std::string& line : out.lines) {
    EXPECT_EQ(line.size(), max_line_bytes + cut_mark.size());
  }
}

}  // namespace
}  // namespace baton::runtime
