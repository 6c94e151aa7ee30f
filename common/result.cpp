#include "common/result.hpp"

#include <cerrno>
#include <system_error>

namespace baton {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_input:
      return "invalid_input";
    case Errc::not_found:
      return "not_found";
    case Errc::not_permitted:
      return "not_permitted";
    case Errc::too_large:
      return "too_large";
    case Errc::would_block:
      return "would_block";
    case Errc::closed:
      return "closed";
    case Errc::busy:
      return "busy";
    case Errc::timed_out:
      return "timed_out";
    case Errc::system:
      return "system";
  }
  return "unknown";
}

Error system_error(std::string_view what, int error_number) {
  const bool denied = error_number == EACCES || error_number == EPERM;
  return {denied ? Errc::not_permitted : Errc::system,
          std::string(what) + ": " + std::generic_category().message(error_number)};
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw Failure(error);
}

}  // namespace baton
