#include "tests/support/gate.hpp"

#include "common/result.hpp"
#include "tests/support/eventually.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace baton::testing {

Gate::Gate(std::filesystem::path path) : path_(std::move(path)) {
  if (::mkfifo(path_.c_str(), 0666) != 0) throw Failure(system_error("mkfifo", errno));
}

Gate::~Gate() {
  open();
}

// Opening a FIFO for writing, without blocking, works once somebody reads (fifo(7)).
bool Gate::await_arrival() {
  return eventually([this] {
    held_.reset(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    return static_cast<bool>(held_);
  });
}

void Gate::open() {
  if (!held_) held_.reset(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  ::unlink(path_.c_str());
  held_.reset();
}

}  // namespace baton::testing
