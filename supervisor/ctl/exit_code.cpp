#include "supervisor/ctl/exit_code.hpp"

#include <array>
#include <utility>

namespace baton::ctl {

ExitCode exit_code_of(const std::string& outcome) {
  static const std::array<std::pair<const char*, ExitCode>, 8> outcomes{{
      {"done", ExitCode::done},
      {"failed", ExitCode::failed},
      {"failed_old_serving", ExitCode::failed_old_serving},
      {"degraded", ExitCode::degraded},
      {"busy", ExitCode::busy},
      {"superseded", ExitCode::superseded},
      {"aborted", ExitCode::superseded},
      {"rolled_back", ExitCode::failed_old_serving},
  }};
  for (const auto& [name, code] : outcomes) {
    if (outcome == name) return code;
  }
  return ExitCode::failed;
}

ExitCode exit_code_of(const Error& error) {
  switch (error.code) {
    case Errc::closed:
      return ExitCode::no_supervisor;
    case Errc::not_permitted:
      return ExitCode::not_permitted;
    default:
      return ExitCode::failed;
  }
}

}  // namespace baton::ctl
