#include "worker/items/item_name.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace baton::items {
namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i)
    result += text;
  return result;
}

TEST(ItemName, CountsCharactersAndNotBytes) {
  for (const std::string one : {"a", " ", "~", "ä", "€", "𝄞", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(problem_with_name(one), std::nullopt) << one;
    EXPECT_EQ(problem_with_name(repeated(one, 200)), std::nullopt) << one;
    EXPECT_EQ(problem_with_name(repeated(one, 201)), "'name' has more than 200 characters") << one;
  }
}

TEST(ItemName, IsNotEmpty) {
  EXPECT_EQ(problem_with_name(""), "'name' must not be empty");
}

TEST(ItemName, HoldsNoControlCharacters) {
  for (const std::string& bad :
       {std::string("\0", 1), std::string("\x1f"), std::string("a\nb"), std::string("\x7f"),
        std::string("\xC2\x80"), std::string("\xC2\x9F")}) {
    EXPECT_EQ(problem_with_name(bad), "'name' must not hold control characters") << bad;
  }
  EXPECT_EQ(problem_with_name("\xC2\xA0"), std::nullopt) << "no-break space";
}

// The borders of RFC 3629, section 4.
TEST(ItemName, IsWellFormedUtf8) {
  for (const std::string bad :
       {"\x80", "a\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xE0\x9F\xBF",
        "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
        "\xF0\x9D\x84", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    EXPECT_EQ(problem_with_name(bad), "'name' is not well-formed UTF-8") << bad;
  }
}

}  // namespace
}  // namespace baton::items
