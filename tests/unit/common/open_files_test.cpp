#include "common/open_files.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace baton {
namespace {

// "FDSize" of proc_pid_status(5): descriptors that the kernel's table has room for.
rlim_t table_size() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    rlim_t size = 0;
    if (word == "FDSize:" && status >> size) return size;
  }
  return 0;
}

auto open_now() {
  using Entries = std::filesystem::directory_iterator;
  return std::distance(Entries("/proc/self/fd"), Entries{});
}

class OpenFiles : public ::testing::Test {
 protected:
  OpenFiles() { ::getrlimit(RLIMIT_NOFILE, &before_); }
  ~OpenFiles() override { ::setrlimit(RLIMIT_NOFILE, &before_); }

  void limit(rlim_t soft) {
    const rlimit limit{.rlim_cur = soft, .rlim_max = before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

  rlimit before_{};
};

TEST_F(OpenFiles, TheLimitIsRaisedAndWhatItWasIsSaid) {
  limit(200);
  const auto given = raise_open_file_limit();
  ASSERT_TRUE(given);
  EXPECT_EQ(given->rlim_cur, 200U);
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  EXPECT_EQ(now.rlim_cur, before_.rlim_max);
}

TEST_F(OpenFiles, TheTableHasRoomWithoutAnyFileMore) {
  raise_open_file_limit();
  const auto open_before = open_now();
  enlarge_descriptor_table();
  EXPECT_GE(table_size(), std::min<rlim_t>(before_.rlim_max, 16'384));
  EXPECT_EQ(open_now(), open_before);
}

TEST_F(OpenFiles, ALowLimitIsRespected) {
  limit(100);
  const auto open_before = open_now();
  enlarge_descriptor_table();
  EXPECT_GE(table_size(), 100U);
  EXPECT_EQ(open_now(), open_before);
}

}  // namespace
}  // namespace baton
