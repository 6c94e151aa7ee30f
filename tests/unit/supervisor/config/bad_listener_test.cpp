#include "tests/unit/supervisor/config/bad_config.hpp"

namespace baton::config {
namespace {

// In front of the listeners that are wrong; the service uses `web`.
const std::string service = R"([services.app]
command = ["run"]
directory = "/srv/app"
listeners = ["web"]
)";

class BadListener : public testing::TestWithParam<BadConfig> {};

TEST_P(BadListener, EachProblemIsToldAtItsPlace) {
  EXPECT_EQ(problems_of(service + GetParam().text), GetParam().problems);
}

std::string at(const std::string& address) {
  return "[listeners.web]\naddress = '" + address + "'";
}

std::string bad_address(const std::string& address, const std::string& why) {
  return "6:11: 'address' in [listeners.web] bad address '" + address + "': " + why +
         "; write it like 127.0.0.1:8080, [::1]:8080 or unix:/run/app.sock";
}

const std::string names_are = "a name is 1 to 64 of a-z, 0-9, '_' and '-'";

INSTANTIATE_TEST_SUITE_P(
    Address, BadListener,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Missing", "[listeners.web]\nbacklog = 5", "5:1: 'address' in [listeners.web] is missing"},
        {"Number", "[listeners.web]\naddress = 8080",
         "6:11: 'address' in [listeners.web] must be a string, not integer"},
        {"Empty", at(""), "6:11: 'address' in [listeners.web] must not be empty"},
        {"NoPort", at("127.0.0.1"), bad_address("127.0.0.1", "the port is missing")},
        {"PortTooLarge", at("127.0.0.1:65536"),
         bad_address("127.0.0.1:65536", "the port is not a number from 0 to 65535")},
        {"HostName", at("localhost:80"),
         bad_address("localhost:80",
                     "the host is not a numeric address (names are not looked up)")},
        {"BareV6", at("::1:80"), bad_address("::1:80", "an IPv6 address goes in brackets")},
        {"BadV6", at("[::g]:80"),
         bad_address("[::g]:80", "what stands in brackets is not an IPv6 address")},
        {"RelativeUnix", at("unix:app.sock"),
         bad_address("unix:app.sock", "the path must begin with /")},
        {"LongUnix", at("unix:/" + std::string(107, 'x')),
         bad_address("unix:/" + std::string(107, 'x'), "the path is longer than 107 bytes")},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Backlog, BadListener,
    testing::ValuesIn(std::vector<BadConfig>{
        {"Zero", at("0.0.0.0:80") + "\nbacklog = 0",
         "7:11: 'backlog' in [listeners.web] must be from 1 to 65535, not 0"},
        {"Negative", at("0.0.0.0:80") + "\nbacklog = -5",
         "7:11: 'backlog' in [listeners.web] must be from 1 to 65535, not -5"},
        {"TooLarge", at("0.0.0.0:80") + "\nbacklog = 65536",
         "7:11: 'backlog' in [listeners.web] must be from 1 to 65535, not 65536"},
        {"Text", at("0.0.0.0:80") + "\nbacklog = '128'",
         "7:11: 'backlog' in [listeners.web] must be a whole number, not string"},
        {"Fraction", at("0.0.0.0:80") + "\nbacklog = 128.0",
         "7:11: 'backlog' in [listeners.web] must be a whole number, not floating-point"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Table, BadListener,
    testing::ValuesIn(std::vector<BadConfig>{
        {"UnknownKey", at("0.0.0.0:80") + "\naddres = 'x'",
         "7:1: unknown key 'addres' in [listeners.web]; did you mean 'address'?"},
        {"UpperCaseName", at("0.0.0.0:80") + "\n[listeners.Web]\naddress = '0.0.0.0:81'",
         "7:12: bad name 'Web' in [listeners]: " + names_are},
        {"EmptyName", at("0.0.0.0:80") + "\n[listeners.'']\naddress = '0.0.0.0:81'",
         "7:12: bad name '' in [listeners]: " + names_are},
        {"LongName",
         at("0.0.0.0:80") + "\n[listeners." + std::string(65, 'x') + "]\naddress = '0.0.0.0:81'",
         "7:12: bad name '" + std::string(65, 'x') + "' in [listeners]: " + names_are},
        {"NoTable", "[listeners]\nweb = '0.0.0.0:80'", "6:7: [listeners.web] must be a table"},
        {"ListenersNoTable", "[[listeners]]\naddress = '0.0.0.0:80'",
         "4:14: 'listeners' in [services.app] names 'web', but there is no [listeners.web]\n"
         "5:1: 'listeners' in the file must be a table, not array"},
        {"SameAddress", at("127.0.0.1:80") + "\n[listeners.admin]\naddress = '127.0.0.1:80'",
         "5:1: [listeners.web] has the same address as [listeners.admin]: 127.0.0.1:80"},
        {"SameAddressWrittenInOtherWords",
         at("[0:0::1]:80") + "\n[listeners.zz]\naddress = '[::1]:80'",
         "7:1: [listeners.zz] has the same address as [listeners.web]: [::1]:80"},
        {"SameUnixAddress", at("unix:/a") + "\n[listeners.zz]\naddress = 'unix:/a'",
         "7:1: [listeners.zz] has the same address as [listeners.web]: unix:/a"},
    }),
    name_of);

TEST(Listeners, SeveralMayLetTheKernelPickTheirPorts) {
  EXPECT_EQ(problems_of(service + at("127.0.0.1:0") + "\n[listeners.b]\naddress = '127.0.0.1:0'"),
            "");
}

}  // namespace
}  // namespace baton::config
