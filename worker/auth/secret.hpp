// The key that tokens are signed with. Never on a command line and never in a log; its memory is
// wiped when it goes. Immutable.
#pragma once

#include "common/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace baton::auth {

class Secret {
 public:
  // RFC 7518, 3.2: a key of HS256 has at least the size of its hash.
  static constexpr std::size_t least_bytes = 32;
  static constexpr std::size_t most_bytes = 4096;
  static constexpr const char* variable = "BATON_JWT_SECRET";

  // One trailing newline is cut. Errc::invalid_input: too short or too long.
  static Result<Secret> from_text(std::string text);

  // Errc::not_permitted as well when others than owner and group can read the file.
  static Result<Secret> from_file(const std::filesystem::path& file);

  // Takes it from BATON_JWT_SECRET, and the variable out of the environment.
  static Result<Secret> from_environment();

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&&) = delete;
  ~Secret();

  std::string_view bytes() const { return bytes_; }

 private:
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

}  // namespace baton::auth
