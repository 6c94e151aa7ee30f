// Any text is either a config or a list of problems; never a crash, never an exception.
#include "supervisor/config/config.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded =
      baton::config::parse({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  const bool complete = loaded ? !loaded->services.empty() : !loaded.error().list.empty();
  if (!complete) std::abort();
  return 0;
}
