#include "worker/profiling/symbols.hpp"

#include <gmock/gmock.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <sstream>

namespace baton::profiling {
namespace {

using ::testing::HasSubstr;

std::string address_of(const char* name) {
  std::ostringstream text;
  text << "0x" << std::hex << reinterpret_cast<std::uintptr_t>(::dlsym(RTLD_DEFAULT, name));
  return text.str();
}

TEST(Symbols, AnAddressHasItsName) {
  const std::string address = address_of("a64l");
  EXPECT_EQ(symbolize(address), address + "\ta64l\n");
  EXPECT_EQ(symbolize(address.substr(2)), address.substr(2) + "\ta64l\n") << "without 0x";
}

TEST(Symbols, NamesOfCppAreReadable) {
  EXPECT_THAT(symbolize(address_of("_ZSt20__throw_length_errorPKc")),
              HasSubstr("\tstd::__throw_length_error(char const*)\n"));
}

TEST(Symbols, EachAddressHasALine) {
  const std::string address = address_of("a64l");
  EXPECT_EQ(symbolize(address + "+0x1+" + address),
            address + "\ta64l\n0x1\t0x1\n" + address + "\ta64l\n");
}

TEST(Symbols, WhatIsNoAddressIsLeftOut) {
  EXPECT_EQ(symbolize(""), "");
  EXPECT_EQ(symbolize("+"), "");
  EXPECT_EQ(symbolize("zz+0x2"), "0x2\t0x2\n");
  EXPECT_EQ(symbolize("fffffffffffffffff"), "") << "more than 64 bits";
}

TEST(Symbols, ThereIsAnEndToIt) {
  std::string many;
  for (std::size_t i = 0; i < max_addresses + 5; ++i)
    many += "1+";
  const std::string text = symbolize(many);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), max_addresses);
}

}  // namespace
}  // namespace baton::profiling
