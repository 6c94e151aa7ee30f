#include "common/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace baton {
namespace {

const std::vector<std::string> keys{"drain_timeout", "ready_timeout", "user", "workers"};

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest("drain_timout", keys), "drain_timeout");
  EXPECT_EQ(nearest("ready-timeout", keys), "ready_timeout");
  EXPECT_EQ(nearest("worker", keys), "workers");
}

TEST(Nearest, CountsSwappedNeighboursAsOneMistake) {
  const std::vector<std::string> words{"aced", "abcde"};
  EXPECT_EQ(nearest("abdce", words), "abcde");
}

TEST(Nearest, IsNothingWhenNoWordIsNear) {
  EXPECT_EQ(nearest("colour", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
  EXPECT_EQ(nearest(std::string(1000, 'w'), keys), std::nullopt);
}

}  // namespace
}  // namespace baton
