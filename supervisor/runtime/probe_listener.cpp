#include "supervisor/runtime/probe_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace baton::runtime {
namespace {

constexpr int backlog = 8;

}  // namespace

Result<ProbeListener> ProbeListener::create(const std::filesystem::path& directory,
                                            const std::string& name) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("cannot make " + directory.string(), errno);
  }
  const std::string path = directory / (name + ".sock");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{Errc::too_large, "the path of a probe listener, " + path + ", is longer than " +
                                      std::to_string(sizeof(address.sun_path) - 1) +
                                      " bytes; choose a shorter runtime_dir"};
  }
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return system_error("socket", errno);
  ::unlink(path.c_str());
  // Before there is anything to connect to: nobody but us shall.
  ::fchmod(socket.get(), 0600);
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
