#include "supervisor/log/printable.hpp"

#include <gtest/gtest.h>

namespace baton::log {
namespace {

struct Case {
  const char* name;
  std::string_view bytes;
  std::string_view shown;
};

using namespace std::string_view_literals;

const Case cases[] = {
    {"plain", "hello", "hello"},
    {"tab_stays", "a\tb", "a\tb"},
    {"utf8_stays", "caf\u00e9 \u2192 \U0001F600", "caf\u00e9 \u2192 \U0001F600"},
    {"newline", "a\nb\r", "a\\x0ab\\x0d"},
    {"nul", "a\0b"sv, "a\\x00b"},
    {"terminal_escape", "\x1b[2J", "\\x1b[2J"},
    {"delete", "\x7f", "\\x7f"},
    {"c1_control", "\xC2\x9B", "\\x9b"},
    {"first_after_c1", "\xC2\xA0", "\xC2\xA0"},
    {"lone_continuation", "\x80", "\uFFFD"},
    {"cut_sequence", "\xE2\x82", "\uFFFD\uFFFD"},
    {"overlong_slash", "\xC0\xAF", "\uFFFD\uFFFD"},
    {"overlong_three", "\xE0\x80\x80", "\uFFFD\uFFFD\uFFFD"},
    {"surrogate", "\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},
    {"over_the_last", "\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
    {"the_last", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
    {"bad_then_good", "\xFFok", "\uFFFDok"},
};

class Printable : public testing::TestWithParam<Case> {};

TEST_P(Printable, ShowsBytesSafely) {
  EXPECT_EQ(printable(GetParam().bytes), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(Bytes, Printable, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace baton::log
