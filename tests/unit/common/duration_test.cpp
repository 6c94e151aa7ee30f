#include "common/duration.hpp"

#include <gtest/gtest.h>

namespace baton {
namespace {

using namespace std::chrono_literals;

struct Good {
  const char* text;
  Duration value;
};

class GoodDuration : public ::testing::TestWithParam<Good> {};

TEST_P(GoodDuration, IsRead) {
  const auto parsed = parse_duration(GetParam().text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(All, GoodDuration,
                         ::testing::Values(Good{"0", 0ms}, Good{"0s", 0ms}, Good{"250ms", 250ms},
                                           Good{"10s", 10s}, Good{"1m30s", 90s}, Good{"2h", 2h},
                                           Good{"1.5s", 1500ms}, Good{"0.25m", 15s},
                                           Good{"1d2h3m4s5ms", 26h + 3min + 4s + 5ms},
                                           Good{"365d", 8760h}, Good{"90s", 90s}));

struct Bad {
  const char* text;
  const char* message;
};

class BadDuration : public ::testing::TestWithParam<Bad> {};

TEST_P(BadDuration, IsRefusedWithTheReasonAndARightForm) {
  const auto parsed = parse_duration(GetParam().text);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::invalid_input);
  EXPECT_EQ(parsed.error().message, "bad duration '" + std::string(GetParam().text) + "': " +
                                        GetParam().message + "; write it like 250ms, 10s or 1m30s");
}

INSTANTIATE_TEST_SUITE_P(
    All, BadDuration,
    ::testing::Values(Bad{"", "it is empty"}, Bad{"10", "the unit is missing (ms, s, m, h or d)"},
                      Bad{"1m30", "the unit is missing (ms, s, m, h or d)"},
                      Bad{"s", "a number is missing"}, Bad{"-1s", "a number is missing"},
                      Bad{"+1s", "a number is missing"}, Bad{" 1s", "a number is missing"},
                      Bad{".5s", "a number is missing"}, Bad{"infs", "a number is missing"},
                      Bad{"nans", "a number is missing"},
                      Bad{"1 s", "unknown unit ' s' (ms, s, m, h or d)"},
                      Bad{"10S", "unknown unit 'S' (ms, s, m, h or d)"},
                      Bad{"1e3s", "unknown unit 'e' (ms, s, m, h or d)"},
                      Bad{"0x1s", "unknown unit 'x' (ms, s, m, h or d)"},
                      Bad{"3weeks", "unknown unit 'weeks' (ms, s, m, h or d)"},
                      Bad{"30s1m", "units go from large to small, each once"},
                      Bad{"1s1s", "units go from large to small, each once"},
                      Bad{"366d", "it is longer than 365 days"},
                      Bad{"365d1ms", "it is longer than 365 days"},
                      Bad{"99999999999999999999999d", "it is longer than 365 days"}));

TEST(FormatDuration, IsShortAndReadsBackAsTheSame) {
  EXPECT_EQ(format_duration(0ms), "0s");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(24h), "1d");
  EXPECT_EQ(format_duration(-1500ms), "-1s500ms");
  for (const Duration duration : {1ms, 999ms, 1000ms, 3'600'001ms, 31'536'000'000ms}) {
    EXPECT_EQ(*parse_duration(format_duration(duration)), duration);
  }
}

}  // namespace
}  // namespace baton
