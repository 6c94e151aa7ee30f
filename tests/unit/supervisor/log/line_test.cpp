#include "supervisor/log/line.hpp"

#include <gtest/gtest.h>

namespace baton::log {
namespace {

const std::chrono::system_clock::time_point one_second_past{
    std::chrono::milliseconds(1'795'438'801'123)};

TEST(LogLine, TextFormReadsAsASentenceAboutItsSubject) {
  EXPECT_EQ(format(Format::text, {.level = Level::info,
                                  .time = one_second_past,
                                  .service = "items",
                                  .generation = 4,
                                  .pid = 812,
                                  .deploy = "items-4",
                                  .kind = "cut_over",
                                  .text = "cut over: generation 4 accepts"}),
            "2026-11-23T13:00:01.123Z INFO  items g4 pid 812 items-4  cut over: generation 4 "
            "accepts");
}

TEST(LogLine, TextFormOfAWorkersOwnLineNamesTheStream) {
  EXPECT_EQ(format(Format::text, {.time = one_second_past,
                                  .service = "items",
                                  .generation = 4,
                                  .pid = 812,
                                  .stream = "err",
                                  .text = "hello"}),
            "2026-11-23T13:00:01.123Z INFO  items g4 pid 812 err  hello");
}

TEST(LogLine, TextFormWithoutASubjectIsLevelAndText) {
  EXPECT_EQ(format(Format::text, {.level = Level::error, .time = one_second_past, .text = "x"}),
            "2026-11-23T13:00:01.123Z ERROR x");
}

TEST(LogLine, JsonFormCarriesEachFieldAndLeavesOutTheUnset) {
  EXPECT_EQ(format(Format::json, {.level = Level::warn,
                                  .time = one_second_past,
                                  .service = "items",
                                  .generation = 4,
                                  .pid = 812,
                                  .deploy = "items-4",
                                  .kind = "drain_overdue",
                                  .text = "say \"when\""}),
            R"({"time":"2026-11-23T13:00:01.123Z","level":"warn","service":"items",)"
            R"("generation":4,"pid":812,"deploy":"items-4","kind":"drain_overdue",)"
            R"("text":"say \"when\""})");
  EXPECT_EQ(format(Format::json, {.time = one_second_past, .text = "x"}),
            R"({"time":"2026-11-23T13:00:01.123Z","level":"info","text":"x"})");
}

TEST(LogLine, IsOnePrintableLineWhateverTheTextHolds) {
  const Line line{.time = one_second_past, .text = "a\nb\xFF\x1b[1m"};
  EXPECT_EQ(format(Format::text, line), "2026-11-23T13:00:01.123Z INFO  a\\x0ab\uFFFD\\x1b[1m");
  EXPECT_EQ(format(Format::json, line).find('\n'), std::string::npos);
}

TEST(LogLevel, ParsesWhatItPrints) {
  for (const char* name : {"trace", "debug", "info", "warn", "error"}) {
    EXPECT_EQ(to_string(parse_level(name).value()), name);
  }
}

TEST(LogLevel, RefusesOthersAndListsTheNames) {
  EXPECT_EQ(parse_level("verbose").error().message,
            "'verbose' is not a log level: use trace, debug, info, warn or error");
}

}  // namespace
}  // namespace baton::log
