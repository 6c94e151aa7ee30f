#include "worker/profiling/symbols.hpp"

#include <cxxabi.h>
#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace baton::profiling {
namespace {

std::string name_of(std::uintptr_t address) {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(address), &info) == 0 || !info.dli_sname) return {};
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status), &std::free);
  return status == 0 ? readable.get() : info.dli_sname;
}

}  // namespace

std::string symbolize(std::string_view addresses) {
  std::string text;
  for (std::size_t count = 0; !addresses.empty() && count < max_addresses; ++count) {
    std::string_view word = addresses.substr(0, addresses.find('+'));
    addresses.remove_prefix(std::min(word.size() + 1, addresses.size()));
    const std::string_view digits = word.starts_with("0x") ? word.substr(2) : word;
    std::uintptr_t address = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address, 16);
    if (error != std::errc{}) continue;
    const std::string name = name_of(address);
    text += std::string(word) + "\t" + (name.empty() ? std::string(word) : name) + "\n";
  }
  return text;
}

}  // namespace baton::profiling
