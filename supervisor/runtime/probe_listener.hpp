// A worker's private listener, on which the supervisor asks it how it is: a Unix socket in a
// directory that only the supervisor's user can enter. The worker gets the socket and never the
// path, whatever user it runs as. Owns both: the path goes with this, the socket when the worker
// too has closed it. One thread.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"

#include <filesystem>
#include <string>

namespace baton::runtime {

class ProbeListener {
 public:
  // DIRECTORY/NAME.sock, mode 0600, listening, non-blocking, close-on-exec. The directory is made
  // (0700) where it is missing, but not its parents; what an earlier supervisor has left behind
  // under the name is replaced. Errors name the path; Errc::too_large: it is too long for an
  // address.
  static Result<ProbeListener> create(const std::filesystem::path& directory,
                                      const std::string& name);
  ~ProbeListener();
  ProbeListener(ProbeListener&& other) noexcept = default;

  const UniqueFd& socket() const { return socket_; }
  const std::string& path() const { return path_; }

 private:
  ProbeListener(UniqueFd socket, std::string path)
      : socket_(std::move(socket)), path_(std::move(path)) {}

  UniqueFd socket_;
  std::string path_;
};

}  // namespace baton::runtime
