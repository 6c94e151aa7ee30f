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

  // The last words, once io_context::run() has returned: ends the streams and runs the io_context
  // until the clients have what is due to them, for a second at most. Takes no new ones.
  void finish();

 private:
  class Impl;
  Server(boost::asio::io_context& io, std::shared_ptr<Impl> impl);

  boost::asio::io_context& io_;
  std::shared_ptr<Impl> impl_;  // shared with the coroutines, which may live as long as io_
};

}  // namespace baton::admin
