#include "supervisor/runtime/memory_check.hpp"

#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace baton::runtime {
namespace {

using baton::testing::write_file;

constexpr std::uint64_t mebibyte = 1024 * 1024;

TEST(MemoryDecision, WhatFitsIsNoReason) {
  EXPECT_EQ(why_memory_is_short({3, 100}, {100, 100, "memory.max of /a"}), std::nullopt);
}

TEST(MemoryDecision, WhatIsNotKnownIsNoReason) {
  EXPECT_EQ(why_memory_is_short({3, ~std::uint64_t{0}}, {}), std::nullopt);
  EXPECT_EQ(why_memory_is_short({3, 100}, {100, {}, ""}), std::nullopt);
  EXPECT_EQ(why_memory_is_short({3, 100}, {{}, 100, "memory.max of /a"}), std::nullopt);
}

TEST(MemoryDecision, AGenerationThatHasNothingFitsAnywhere) {
  EXPECT_EQ(why_memory_is_short({3, 0}, {0, 0, "memory.max of /a"}), std::nullopt);
}

TEST(MemoryDecision, TheLimitOfTheCgroupIsNamed) {
  EXPECT_EQ(why_memory_is_short({3, 812 * mebibyte}, {900 * mebibyte, 400 * mebibyte,
                                                      "memory.max of /system.slice/baton.service"}),
            "a second generation beside the running one may need 812 MiB more (what generation 3 "
            "has now), but only 400 MiB are left (memory.max of /system.slice/baton.service); free "
            "some, raise the limit, or deploy with --ignore-memory");
}

TEST(MemoryDecision, TheHostIsNamedWhereItHasLess) {
  EXPECT_EQ(why_memory_is_short({12, 50 * mebibyte}, {mebibyte, 2 * mebibyte, "memory.max of /"}),
            "a second generation beside the running one may need 50 MiB more (what generation 12 "
            "has now), but only 1 MiB are left (MemAvailable of /proc/meminfo); free some, or "
            "deploy with --ignore-memory");
}

TEST(MemoryDecision, TheNumbersShownDifferHoweverCloseTheyAre) {
  const auto reason = why_memory_is_short({1, 5 * mebibyte + 2}, {5 * mebibyte + 1, {}, ""});
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("may need 6 MiB"), reason->npos) << *reason;
  EXPECT_NE(reason->find("only 5 MiB"), reason->npos) << *reason;
}

// A made-up /proc and /sys.
class MemoryFiles : public ::testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    write_file(root_ / file, text);
  }

  void mount_v2() {
    write("proc/self/mountinfo", "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  }

  void cgroup_v2(const std::string& path, const std::string& limit, const std::string& usage,
                 const std::string& inactive_file = "0") {
    write("sys/fs/cgroup/" + path + "/memory.max", limit + "\n");
    write("sys/fs/cgroup/" + path + "/memory.current", usage + "\n");
    write("sys/fs/cgroup/" + path + "/memory.stat",
          "anon 1\ninactive_file " + inactive_file + "\n");
  }

  MemoryFacts facts() const { return read_memory_facts(root_.path()); }

  baton::testing::TempDir root_;
};

TEST_F(MemoryFiles, NothingIsKnownOfAMachineWithoutThem) {
  EXPECT_EQ(facts(), MemoryFacts{});
}

TEST_F(MemoryFiles, WhatMeansNothingIsNotKnown) {
  write("proc/meminfo", "MemAvailable: plenty\n");
  write("proc/self/cgroup", "0::/app\n");
  mount_v2();
  cgroup_v2("app", "much", "1");
  EXPECT_EQ(facts(), MemoryFacts{});
}

TEST_F(MemoryFiles, TheHostsMemoryIsInBytes) {
  write("proc/meminfo", "MemTotal:       9000 kB\nMemFree: 1 kB\nMemAvailable:   4000 kB\n");
  EXPECT_EQ(facts(), (MemoryFacts{4000 * 1024, {}, ""}));
}

TEST_F(MemoryFiles, PageCacheThatCanGoCountsAsLeft) {
  write("proc/self/cgroup", "0::/app\n");
  mount_v2();
  cgroup_v2("app", "1000", "900", "250");
  EXPECT_EQ(facts(), (MemoryFacts{{}, 350, "memory.max of /app"}));
}

TEST_F(MemoryFiles, TheTightestOfAllAncestorsCounts) {
  write("proc/self/cgroup", "0::/system.slice/baton.service/inner\n");
  mount_v2();
  cgroup_v2("system.slice/baton.service/inner", "max", "900");
  cgroup_v2("system.slice/baton.service", "2000", "900");
  cgroup_v2("system.slice", "1500", "1000");
  EXPECT_EQ(facts(), (MemoryFacts{{}, 500, "memory.max of /system.slice"}));
}

TEST_F(MemoryFiles, OfEquallyTightOnesTheNearestIsNamed) {
  write("proc/self/cgroup", "0::/a/b\n");
  mount_v2();
  cgroup_v2("a/b", "1000", "900");
  cgroup_v2("a", "1000", "900");
  EXPECT_EQ(facts(), (MemoryFacts{{}, 100, "memory.max of /a/b"}));
}

TEST_F(MemoryFiles, NothingIsLeftOverALimit) {
  write("proc/self/cgroup", "0::/app\n");
  mount_v2();
  cgroup_v2("app", "1000", "1100", "0");
  EXPECT_EQ(facts().cgroup_left, 0U);
}

// More cache than is used can be read: the two files are not of one moment.
TEST_F(MemoryFiles, NoMoreThanTheLimitIsLeft) {
  write("proc/self/cgroup", "0::/app\n");
  mount_v2();
  cgroup_v2("app", "1000", "100", "200");
  EXPECT_EQ(facts().cgroup_left, 1000U);
}

TEST_F(MemoryFiles, TheRootItselfMayHaveALimit) {
  write("proc/self/cgroup", "0::/\n");
  mount_v2();
  cgroup_v2(".", "1000", "400");
  EXPECT_EQ(facts(), (MemoryFacts{{}, 600, "memory.max of /"}));
}

TEST_F(MemoryFiles, AContainerSeesOnlyItsPartOfTheHierarchy) {
  write("proc/self/cgroup", "0::/docker/a/app\n");
  write("proc/self/mountinfo", "41 31 0:38 /docker/a /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
  cgroup_v2("app", "5000", "400");
  cgroup_v2(".", "1000", "700");
  EXPECT_EQ(facts(), (MemoryFacts{{}, 300, "memory.max of /docker/a"}));
}

TEST_F(MemoryFiles, AMountOfAnotherPartSaysNothing) {
  write("proc/self/cgroup", "0::/docker/a\n");
  write("proc/self/mountinfo", "41 31 0:38 /docker/b /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  cgroup_v2(".", "1000", "700");
  EXPECT_EQ(facts(), MemoryFacts{});
}

TEST_F(MemoryFiles, VersionOneIsReadWhereItIsTheMemoryController) {
  write("proc/self/cgroup", "4:memory:/app\n0::/\n");
  write("proc/self/mountinfo",
        "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  write("sys/fs/cgroup/memory/app/memory.limit_in_bytes", "1000\n");
  write("sys/fs/cgroup/memory/app/memory.usage_in_bytes", "900\n");
  write("sys/fs/cgroup/memory/app/memory.stat", "inactive_file 1\ntotal_inactive_file 50\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "900\n");
  EXPECT_EQ(facts(), (MemoryFacts{{}, 150, "memory.limit_in_bytes of /app"}));
}

TEST_F(MemoryFiles, AGenerationIsTheSumOfItsProcesses) {
  write("proc/11/smaps_rollup", "5-7 ---p 0 00:00 0 [rollup]\nRss: 90 kB\nPss: 30 kB\n");
  write("proc/12/smaps_rollup", "5-7 ---p 0 00:00 0 [rollup]\nPss: 12 kB\n");
  const std::array<pid_t, 2> pids{11, 12};
  EXPECT_EQ(memory_of(pids, root_.path()), 42U * 1024);
}

TEST_F(MemoryFiles, WithoutARollupTheStatusCounts) {
  write("proc/11/status", "VmRSS:\t 99 kB\nRssAnon:\t  20 kB\nRssFile:\t 9 kB\nRssShmem:\t 3 kB\n");
  const std::array<pid_t, 1> pids{11};
  EXPECT_EQ(memory_of(pids, root_.path()), 23U * 1024);
}

TEST_F(MemoryFiles, AtMostItHasWhatIsResident) {
  write("proc/11/status", "VmRSS:\t 99 kB\nRssAnon:\t  20 kB\nRssFile:\t 9 kB\nRssShmem:\t 3 kB\n");
  write("proc/12/status", "VmRSS:\t 1 kB\n");
  const std::array<pid_t, 3> pids{11, 12, 13};
  EXPECT_EQ(most_memory_of(pids, root_.path()), 100U * 1024);
}

TEST_F(MemoryFiles, WhatMeansNothingCountsNothing) {
  write("proc/11/smaps_rollup", "Pss: much\n");
  write("proc/12/status", "Name:\tzombie\n");
  const std::array<pid_t, 3> pids{11, 12, 13};
  EXPECT_EQ(memory_of(pids, root_.path()), 0U);
}

TEST(Memory, OfThisMachineIsKnown) {
  const MemoryFacts facts = read_memory_facts();
  ASSERT_TRUE(facts.host_available);
  EXPECT_GT(*facts.host_available, 0U);
  EXPECT_EQ(facts.cgroup_left.has_value(), !facts.cgroup_file.empty());
}

TEST(Memory, OfThisProcessIncludesWhatItHasJustTouched) {
  constexpr std::size_t size = 64 * mebibyte;
  const std::array<pid_t, 1> self{::getpid()};
  void* const area =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(area, MAP_FAILED);
  std::memset(area, 1, size);
  EXPECT_GE(memory_of(self), size);
  EXPECT_GE(most_memory_of(self), size);
  ::munmap(area, size);
}

TEST(Memory, OfAProcessThatHasEndedIsNone) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t end{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOWAIT), 0);
  const std::array<pid_t, 1> pids{child};
  EXPECT_EQ(memory_of(pids), 0U) << "a zombie";
  EXPECT_EQ(most_memory_of(pids), 0U) << "a zombie";
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(memory_of(pids), 0U) << "reaped";
}

}  // namespace
}  // namespace baton::runtime
