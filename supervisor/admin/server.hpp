// The admin API: HTTP/1.1 and JSON over a Unix socket (docs/admin-api.md). Runs on the supervisor's
// io_context, so it must never block and nothing a client does may hurt: sizes, times and the
// number of clients are bounded, a stalled one is dropped, and only root and the supervisor's own
// user are let in (SO_PEERCRED, unix(7)).
//
// Owns its socket, and removes its path when it goes. Not thread-safe. The io_context and the
// Control must outlive it.
#pragma once

#include "common/result.hpp"
#include "supervisor/admin/control.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>

namespace baton::admin {

class Server {
 public:
  // Binds `path`, mode 0600. A socket that is there is replaced: who calls this holds the lock of
  // the directory, so it belongs to nobody. Serves from when the io_context runs.
  static Result<std::unique_ptr<Server>> create(boost::asio::io_context& io,
                                                const std::filesystem::path& path,
                                                Control& control);
  ~Server();

 private:
  class Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace baton::admin
