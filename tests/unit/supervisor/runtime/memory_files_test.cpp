#include "supervisor/runtime/memory_files.hpp"

#include <gmock/gmock.h>

namespace baton::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Line {
  std::string name;
  std::string text;
  std::optional<std::uint64_t> bytes;
};

std::string name_of(const testing::TestParamInfo<Line>& info) {
  return info.param.name;
}

class KilobyteLine : public testing::TestWithParam<Line> {};
class StatLine : public testing::TestWithParam<Line> {};
class ByteCount : public testing::TestWithParam<Line> {};

TEST_P(KilobyteLine, ReadsAsBytesOrAsNothing) {
  EXPECT_EQ(parse_kilobyte_line(GetParam().text, "Pss"), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, KilobyteLine,
    testing::Values(
        Line{"Alone", "Pss:                 123 kB\n", 123 * 1024},
        Line{"WithoutALineEnd", "Pss: 1 kB", 1024}, Line{"TabBefore", "Pss:\t  5 kB\n", 5 * 1024},
        Line{"AmongOthers", "Rss: 9 kB\nPss: 1 kB\nPss_Dirty: 7 kB\n", 1024},
        Line{"TheFirstCounts", "Pss: 1 kB\nPss: 2 kB\n", 1024}, Line{"Zero", "Pss: 0 kB\n", 0},
        Line{"Largest", "Pss: 18014398509481983 kB", 18446744073709550592U}, Line{"Empty", "", {}},
        Line{"LongerName", "Pss_Dirty: 7 kB\nSwapPss: 7 kB\n", {}},
        Line{"NoColon", "Pss 7 kB\n", {}}, Line{"NoBlank", "Pss:7 kB\n", {}},
        Line{"NoNumber", "Pss: kB\n", {}}, Line{"NothingBehind", "Pss:   \n", {}},
        Line{"Negative", "Pss: -1 kB\n", {}}, Line{"Fraction", "Pss: 1.5 kB\n", {}},
        Line{"OtherUnit", "Pss: 1 MB\n", {}}, Line{"NoUnit", "Pss: 1\n", {}},
        Line{"CutOff", "Pss: 1 k", {}}, Line{"TooManyKilobytes", "Pss: 18014398509481984 kB\n", {}},
        Line{"TooManyDigits", "Pss: 99999999999999999999 kB\n", {}}),
    name_of);

TEST_P(StatLine, ReadsAsBytesOrAsNothing) {
  EXPECT_EQ(parse_stat_line(GetParam().text, "inactive_file"), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, StatLine,
    testing::Values(Line{"AmongOthers", "anon 5\ninactive_file 4096\nactive_file 7\n", 4096},
                    Line{"NotTheTotal", "total_inactive_file 7\ninactive_file 1\n", 1},
                    Line{"Empty", "", {}}, Line{"Missing", "anon 5\nactive_file 7\n", {}},
                    Line{"LongerName", "inactive_files 7\n", {}},
                    Line{"NoNumber", "inactive_file \n", {}},
                    Line{"Negative", "inactive_file -4096\n", {}},
                    Line{"MoreBehind", "inactive_file 7 kB\n", {}}),
    name_of);

TEST_P(ByteCount, ReadsAsBytesOrAsNothing) {
  EXPECT_EQ(parse_byte_count(GetParam().text), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ByteCount,
    testing::Values(Line{"Number", "536870912\n", 536870912}, Line{"Zero", "0\n", 0},
                    Line{"NoLimitInVersion2", "max\n", {}},
                    Line{"NoLimitInVersion1", "9223372036854771712\n", {}},
                    Line{"NoLimitInVersion1WithLargePages", "9223372036854710272\n", {}},
                    Line{"Empty", "", {}}, Line{"OnlyALineEnd", "\n", {}},
                    Line{"CutOff", "5368", {}}, Line{"Negative", "-1\n", {}},
                    Line{"Unit", "512M\n", {}}, Line{"TwoLines", "1\n2\n", {}},
                    Line{"TooManyDigits", "99999999999999999999\n", {}}),
    name_of);

constexpr const char* hybrid = R"(9:name=systemd:/
5:cpu,memory,pids:/docker/a
0::/system.slice/baton.service
)";

TEST(CgroupPath, IsThatOfTheVersion) {
  EXPECT_EQ(parse_cgroup_path(hybrid, cgroup_v2), "/system.slice/baton.service");
  EXPECT_EQ(parse_cgroup_path(hybrid, cgroup_v1), "/docker/a");
}

TEST(CgroupPath, MayHoldColons) {
  EXPECT_EQ(parse_cgroup_path("0::/a:b:c\n", cgroup_v2), "/a:b:c");
  EXPECT_EQ(parse_cgroup_path("4:memory:/a::b\n", cgroup_v1), "/a::b");
}

TEST(CgroupPath, OfTextThatSaysNoneIsNone) {
  for (const char* const text : {"", "\n", "0", "0:", "0::", "0::relative\n", "10::/a\n",
                                 "4:memory_x:/a\n", "memory\n", "3:cpuset:/a\n", ":::\n"}) {
    EXPECT_EQ(parse_cgroup_path(text, cgroup_v2), std::nullopt) << text;
    EXPECT_EQ(parse_cgroup_path(text, cgroup_v1), std::nullopt) << text;
  }
}

TEST(CgroupMounts, AreThoseOfTheVersion) {
  constexpr const char* text =
      "23 1 8:1 / / rw - ext4 /dev/root rw\n"
      "35 31 0:32 /docker/a /sys/fs/cgroup/memory ro,relatime master:9 - cgroup cgroup rw,memory\n"
      "36 31 0:33 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n";
  EXPECT_THAT(parse_cgroup_mounts(text, cgroup_v2),
              ElementsAre(CgroupMount{"/", "/sys/fs/cgroup/unified"}));
  EXPECT_THAT(parse_cgroup_mounts(text, cgroup_v1),
              ElementsAre(CgroupMount{"/docker/a", "/sys/fs/cgroup/memory"}));
}

TEST(CgroupMounts, BlanksInPathsAreEscaped) {
  EXPECT_THAT(
      parse_cgroup_mounts(R"(1 1 0:1 /a\040b /c\134d\011e\04 rw - cgroup2 none rw)", cgroup_v2),
      ElementsAre(CgroupMount{"/a b", "/c\\d\te\\04"}));
}

TEST(CgroupMounts, OfTextThatSaysNoneAreNone) {
  for (const char* const text :
       {"", "\n", " - ", "1 1 0:1 / /x rw cgroup2 none rw\n", "1 1 0:1 / - cgroup2 none rw\n",
        "1 1 0:1 / /x rw - cgroup2\n", "1 1 0:1 / /x rw - cgroup2x none rw\n",
        "1 1 0:1 / /memory rw - cgroup memory rw,cpu\n"}) {
    EXPECT_THAT(parse_cgroup_mounts(text, cgroup_v2), IsEmpty()) << text;
    EXPECT_THAT(parse_cgroup_mounts(text, cgroup_v1), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace baton::runtime
