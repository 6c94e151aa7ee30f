// Names for the addresses of a profile: the text form of gperftools' symbol service. Pure but for
// dladdr(3).
#pragma once

#include <string>
#include <string_view>

namespace baton::profiling {

// `addresses` is what pprof posts: "0x4005d0+0x400730". A line "ADDRESS\tNAME" for each; an address
// that has no name is its own. At most `max_addresses` are answered.
inline constexpr std::size_t max_addresses = 100'000;
std::string symbolize(std::string_view addresses);

}  // namespace baton::profiling
