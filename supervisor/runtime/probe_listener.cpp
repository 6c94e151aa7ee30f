#include "supervisor/runtime/probe_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace baton::runtime {
namespace {

// A worker that accepts none of so many questions is not asked again before it does.
constexpr int backlog = 8;

}  // namespace

Result<ProbeListener> ProbeListener::create(const std::filesystem::path& directory,
                                            const std::string& name) {
  const std::string path = directory / (name + ".sock");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{Errc::too_large, "the path of a probe listener, " + path + ", is longer than " +
                                      std::to_string(sizeof(address.sun_path) - 1) +
                                      " bytes; choose a shorter runtime_dir"};
  }
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("cannot make " + directory.string(), errno);
  }
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The mode is set before bind(2) makes the file: there is no moment in which others can connect.
  if (!socket || ::fchmod(socket.get(), 0600) != 0) {
    return system_error("cannot make a socket for " + path, errno);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return system_error("cannot replace " + path, errno);
  }
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return system_error("cannot listen on " + path, errno);
  }
  ProbeListener listener(std::move(socket), path);
  if (::listen(listener.socket_.get(), backlog) != 0) {
    return system_error("cannot listen on " + path, errno);
  }
  return listener;
}

ProbeListener::~ProbeListener() {
  if (socket_) ::unlink(path_.c_str());
}

}  // namespace baton::runtime
