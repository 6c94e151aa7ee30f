// Which program it was: two releases in the same directory differ in it. Blocking; no state.
#pragma once

#include "common/result.hpp"

#include <filesystem>
#include <string>

namespace baton::history {

// "sha256:" and 64 hexadecimal digits, of a regular file of at most 1 GiB. Errors name the file.
Result<std::string> program_digest(const std::filesystem::path& file);

}  // namespace baton::history
