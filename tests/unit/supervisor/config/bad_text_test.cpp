// The file as a whole: its tables, and text that is not TOML.
#include "tests/unit/supervisor/config/bad_config.hpp"

#include <gmock/gmock.h>

namespace baton::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class BadText : public testing::TestWithParam<BadConfig> {};

TEST_P(BadText, EachProblemIsToldAtItsPlace) {
  EXPECT_EQ(problems_of(GetParam().text), GetParam().problems);
}

const std::string no_service = " there is no service; add a [services.NAME] table";

INSTANTIATE_TEST_SUITE_P(
    File, BadText,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Empty", "", no_service},
        {"OnlyAComment", "# nothing\n", no_service},
        {"NoService", "[supervisor]\n", no_service},
        {"UnknownTable", "[service.app]\n",
         no_service + "\n1:2: unknown key 'service' in the file; did you mean 'services'?"},
        {"SupervisorNoTable", "supervisor = 'on'\n",
         no_service + "\n1:14: 'supervisor' in the file must be a table, not string"},
        {"ServiceNoTable", "services.app = 5\n", "1:16: [services.app] must be a table"},
        {"DeepKey", "a.b.c.d.e.f.g.h.i = 1\n", "1:16: a key has more than 8 parts"},
    }),
    name_of);

struct NotToml {
  std::string name;
  std::string text;
  std::string place;
  std::string part;  // of toml++'s own words
};

class Syntax : public testing::TestWithParam<NotToml> {};

TEST_P(Syntax, IsToldAtItsPlace) {
  EXPECT_THAT(problems_of(GetParam().text), StartsWith(GetParam().place + ": "));
  EXPECT_THAT(problems_of(GetParam().text), HasSubstr(GetParam().part));
}

INSTANTIATE_TEST_SUITE_P(Toml, Syntax,
                         testing::ValuesIn(std::vector<NotToml>{
                             {"NoValue", "[supervisor]\nlog_level =\n", "2:12", "expected value"},
                             {"OpenString", "[supervisor]\nlog_level = 'info\n", "2:18", "string"},
                             {"OpenTable", "[supervisor\n", "1:12", "table"},
                             {"SameKeyTwice",
                              "[supervisor]\nlog_level = 'info'\nlog_level = 'warn'\n", "3:13",
                              "cannot redefine existing string 'log_level'"},
                             {"SameTableTwice", "[listeners.web]\n[listeners.web]\n", "2:1",
                              "cannot redefine existing table 'listeners.web'"},
                             {"NotUtf8", "[supervisor]\nlog_level = '\xff'\n", "2:13", "utf-8"},
                             {"ControlCharacter", "[supervisor]\n\x01\n", "2:1", "saw '\\u0001'"},
                         }),
                         [](const auto& it) { return it.param.name; });

TEST(Text, DeepNestingIsRefusedAndHarmsNobody) {
  EXPECT_NE(problems_of("a = " + std::string(100'000, '[')), "");
  EXPECT_NE(problems_of("a = " + std::string(50'000, '[') + std::string(50'000, ']')), "");
  std::string key = "a";
  for (int i = 0; i < 50'000; ++i)
    key += ".a";
  EXPECT_EQ(problems_of(key + " = 1"), "1:16: a key has more than 8 parts");
}

}  // namespace
}  // namespace baton::config
