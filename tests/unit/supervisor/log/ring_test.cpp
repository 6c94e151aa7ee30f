#include "supervisor/log/ring.hpp"

#include <gmock/gmock.h>

#include <string>

namespace baton::log {
namespace {

struct Item {
  std::uint64_t sequence = 0;
  std::string text;
};

const auto all = [](const Item&) { return true; };

std::vector<std::string> texts(const std::vector<Item>& items) {
  std::vector<std::string> out;
  for (const Item& item : items)
    out.push_back(std::to_string(item.sequence) + item.text);
  return out;
}

TEST(Ring, KeepsTheNewestAndNumbersThemWithoutGaps) {
  Ring<Item> ring({.count = 2, .text_bytes = 100});
  for (const char* text : {"a", "b", "c"})
    ring.push({0, text});
  EXPECT_THAT(texts(ring.newest(9, all)), testing::ElementsAre("2b", "3c"));
  EXPECT_THAT(texts(ring.newest(1, all)), testing::ElementsAre("3c"));
}

TEST(Ring, IsBoundedInBytesButKeepsTheNewest) {
  Ring<Item> ring({.count = 10, .text_bytes = 4});
  for (const char* text : {"aa", "bb", "cc"})
    ring.push({0, text});
  EXPECT_THAT(texts(ring.newest(9, all)), testing::ElementsAre("2bb", "3cc"));
  ring.push({0, "0123456789"});
  EXPECT_THAT(texts(ring.newest(9, all)), testing::ElementsAre("40123456789"));
}

TEST(Ring, CountsOnlyTheWantedOnes) {
  Ring<Item> ring({.count = 10, .text_bytes = 100});
  for (const char* text : {"a", "x", "a", "x"})
    ring.push({0, text});
  EXPECT_THAT(texts(ring.newest(2, [](const Item& item) { return item.text == "a"; })),
              testing::ElementsAre("1a", "3a"));
}

TEST(Ring, TellsWatchersUntilTheyGo) {
  Ring<Item> ring({.count = 10, .text_bytes = 100});
  std::string seen;
  auto watch = ring.watch([&](const Item& item) { seen += item.text; });
  ring.push({0, "a"});
  watch.reset();
  ring.push({0, "b"});
  EXPECT_EQ(seen, "a");
}

TEST(Ring, SurvivesAWatcherThatEndsItselfAndOthers) {
  Ring<Item> ring({.count = 10, .text_bytes = 100});
  int told = 0;
  Ring<Item>::Watch first;
  Ring<Item>::Watch second;
  first = ring.watch([&](const Item&) {
    ++told;
    first.reset();
    second.reset();
  });
  second = ring.watch([&](const Item&) { ++told; });
  ring.push({0, "a"});
  ring.push({0, "b"});
  EXPECT_EQ(told, 1);
}

TEST(Ring, AWatchMayOutliveTheRing) {
  Ring<Item>::Watch watch;
  {
    Ring<Item> ring({.count = 1, .text_bytes = 1});
    watch = ring.watch([](const Item&) {});
  }
  EXPECT_TRUE(watch);
}

}  // namespace
}  // namespace baton::log
