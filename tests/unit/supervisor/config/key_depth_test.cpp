#include "supervisor/config/key_depth.hpp"

#include <gtest/gtest.h>

namespace baton::config {
namespace {

struct Keys {
  std::string name;
  std::string text;
  std::optional<Position> too_deep;
};

class KeyDepth : public testing::TestWithParam<Keys> {};

TEST_P(KeyDepth, IsMeasuredOutsideOfStringsAndComments) {
  EXPECT_EQ(too_deep_key(GetParam().text), GetParam().too_deep);
}

const std::string nine = "a.b.c.d.e.f.g.h.i";

INSTANTIATE_TEST_SUITE_P(
    Texts, KeyDepth,
    testing::ValuesIn(std::vector<Keys>{
        {"Nothing", "", std::nullopt},
        {"Eight", "a.b.c.d.e.f.g.h = 1", std::nullopt},
        {"Nine", nine + " = 1", Position{1, 16}},
        {"InTheThirdLine", "a = 1\n\n" + nine, Position{3, 16}},
        {"TableHeader", "[" + nine + "]", Position{1, 17}},
        {"ArrayOfTables", "[[" + nine + "]]", Position{1, 18}},
        {"InlineTable", "x = { " + nine + " = 1 }", Position{1, 22}},
        {"BlanksBetween", "a . b . c . d . e . f . g . h . i = 1", Position{1, 31}},
        {"QuotedParts", "'a.a'.\"b.b\".c.d.e.f.g.h.i = 1", Position{1, 24}},
        {"InComment", "# " + nine, std::nullopt},
        {"InString", "x = '" + nine + "'", std::nullopt},
        {"InEscapedString", "x = \"\\\"" + nine + "\"", std::nullopt},
        {"InMultiLineString", "x = '''\n" + nine + "\n'''", std::nullopt},
        {"AfterQuotesAtAStringsEnd", "x = '''a'''''\n" + nine, Position{2, 16}},
        {"AfterAnOpenString", "x = 'a\n" + nine, Position{2, 16}},
        {"OpenMultiLineString", "x = '''\n" + nine, std::nullopt},
        {"LoneBackslash", "x = \"\\", std::nullopt},
        {"Numbers", "x = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]", std::nullopt},
    }),
    [](const auto& it) { return it.param.name; });

}  // namespace
}  // namespace baton::config
