// What can be expected to fail returns Result<T>; exceptions are for start-up and for bugs.
//
// An Error carries a code for the program and one sentence for a person: it names the thing, the
// place and, where there is one, the remedy. Values only; safe to copy between threads.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace baton {

enum class Errc {
  invalid_input,  // text from outside (config, command line, JSON, a message) that means nothing
                  // valid
  not_found,      // the named thing does not exist
  not_permitted,  // the caller or this process may not do that
  too_large,      // over a limit that is stated in the message
  would_block,    // nothing can be read or written now; try again when the fd is ready
  closed,         // the other side has closed its end
  busy,           // somebody else holds it
  timed_out,      // the deadline passed first
  system,         // a system call failed; the message names the call and the errno text
};

struct Error {
  Errc code{};
  std::string message;
};

// The name that logs and tests use for a code: "invalid_input", "system", ...
std::string_view to_string(Errc code);

// An Errc::system error: "<what>: <strerror(error_number)>". EACCES and EPERM become not_permitted.
Error system_error(std::string_view what, int error_number);

// Thrown when value() is called on a failed Result, and by start-up code.
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  const Error& error() const { return error_; }

 private:
  Error error_;
};

[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace baton
