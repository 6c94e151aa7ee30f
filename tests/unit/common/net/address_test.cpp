#include "common/net/address.hpp"

#include <gtest/gtest.h>

namespace baton::net {
namespace {

struct Good {
  const char* text;
  Address address;
  const char* canonical;
};

class GoodAddress : public ::testing::TestWithParam<Good> {};

TEST_P(GoodAddress, IsReadAndWrittenInOneForm) {
  const auto parsed = parse_address(GetParam().text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, GetParam().address);
  EXPECT_EQ(format_address(*parsed), GetParam().canonical);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodAddress,
    ::testing::Values(
        Good{"0.0.0.0:8080", Ipv4Address{"0.0.0.0", 8080}, "0.0.0.0:8080"},
        Good{"127.0.0.1:0", Ipv4Address{"127.0.0.1", 0}, "127.0.0.1:0"},
        Good{"127.0.0.1:65535", Ipv4Address{"127.0.0.1", 65535}, "127.0.0.1:65535"},
        Good{"[::]:80", Ipv6Address{"::", 80}, "[::]:80"},
        Good{"[0:0:0:0:0:0:0:1]:80", Ipv6Address{"::1", 80}, "[::1]:80"},
        Good{"[2001:DB8::A]:443", Ipv6Address{"2001:db8::a", 443}, "[2001:db8::a]:443"},
        Good{"unix:/run/app.sock", UnixAddress{"/run/app.sock"}, "unix:/run/app.sock"}));

struct Bad {
  const char* text;
  const char* message;
};

class BadAddress : public ::testing::TestWithParam<Bad> {};

TEST_P(BadAddress, IsRefusedWithTheReasonAndARightForm) {
  const auto parsed = parse_address(GetParam().text);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::invalid_input);
  EXPECT_EQ(parsed.error().message,
            "bad address '" + std::string(GetParam().text) + "': " + GetParam().message +
                "; write it like 127.0.0.1:8080, [::1]:8080 or unix:/run/app.sock");
}

constexpr const char* no_port = "the port is not a number from 0 to 65535";
constexpr const char* no_host = "the host is not a numeric address (names are not looked up)";
constexpr const char* no_v6 = "what stands in brackets is not an IPv6 address";

INSTANTIATE_TEST_SUITE_P(
    All, BadAddress,
    ::testing::Values(Bad{"", "the port is missing"}, Bad{"8080", "the port is missing"},
                      Bad{":8080", no_host}, Bad{"localhost:8080", no_host},
                      Bad{"1.2.3:80", no_host}, Bad{"1.2.3.256:80", no_host},
                      Bad{"01.2.3.4:80", no_host}, Bad{" 1.2.3.4:80", no_host},
                      Bad{"127.0.0.1:", no_port}, Bad{"127.0.0.1:65536", no_port},
                      Bad{"127.0.0.1:-1", no_port}, Bad{"127.0.0.1:80x", no_port},
                      Bad{"127.0.0.1: 80", no_port}, Bad{"[::1]", no_port},
                      Bad{"::1:80", "an IPv6 address goes in brackets"}, Bad{"[]:80", no_v6},
                      Bad{"[127.0.0.1]:80", no_v6}, Bad{"[fe80::1%lo]:80", no_v6},
                      Bad{"[:80", "the host is not a numeric address (names are not looked up)"},
                      Bad{"unix:", "the path must begin with /"},
                      Bad{"unix:run/app.sock", "the path must begin with /"},
                      Bad{"unix:@abstract", "the path must begin with /"}));

TEST(UnixAddress, FitsIntoASocketAddressOrIsRefused) {
  const std::string longest = "unix:/" + std::string(106, 'x');
  EXPECT_TRUE(parse_address(longest));
  const auto longer = parse_address(longest + "x");
  ASSERT_FALSE(longer);
  EXPECT_NE(longer.error().message.find("the path is longer than 107 bytes"), std::string::npos);
}

TEST(UnixAddress, HoldsNoNul) {
  const auto parsed = parse_address(std::string_view("unix:/a\0b", 9));
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("the path holds a NUL byte"), std::string::npos);
}

}  // namespace
}  // namespace baton::net
