#include "supervisor/admin/server.hpp"

#include "supervisor/admin/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

namespace baton::admin {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using namespace std::chrono_literals;

namespace {

// Connections that are being told that there are too many. When as many stand there too, the rest
// wait in the queue.
constexpr unsigned most_refusals = 16;
constexpr auto last_words = 1s;

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, std::filesystem::path path, Control& control)
      : io_(io),
        acceptor_(io),
        room_(io, asio::steady_timer::time_point::max()),
        path_(std::move(path)) {
    shared_->control = &control;
  }

  Result<void> open() {
    if (path_.native().size() >= sizeof(sockaddr_un::sun_path)) {
      return Error{Errc::too_large, "cannot listen on " + path_.string() +
                                        ": a socket's path has at most 107 bytes; choose a "
                                        "shorter runtime_dir"};
    }
    ::unlink(path_.c_str());
    boost::system::error_code error;
    acceptor_.open(Protocol(), error);
    const mode_t before = ::umask(0177);
    if (!error) acceptor_.bind(Protocol::endpoint(path_.string()), error);
    ::umask(before);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Error{Errc::system, "cannot listen on " + path_.string() + ": " + error.message()};
    }
    asio::co_spawn(io_, accept(shared_from_this()), asio::detached);
    return {};
  }

  // Nothing calls the Control any more after this.
  void close() {
    if (std::exchange(shared_->control, nullptr) == nullptr) return;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    room_.cancel();
    ::unlink(path_.c_str());
    for (const auto& weak : shared_->streams) {
      if (const auto stream = weak.lock()) {
        stream->drop_subscriptions();
        stream->close();
      }
    }
  }

  bool has_clients() const { return shared_->clients > 0; }

 private:
  using Self = std::shared_ptr<Impl>;

  static asio::awaitable<void> accept(Self self) {
    boost::system::error_code error;
    asio::steady_timer pause(self->io_);
    while (self->acceptor_.is_open()) {
      if (self->shared_->clients >= most_clients + most_refusals) {
        co_await self->room_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      Protocol::socket socket(self->io_);
      co_await self->acceptor_.async_accept(socket,
                                            asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        ++self->shared_->clients;
        asio::co_spawn(self->io_, serve(self, std::move(socket)), asio::detached);
      } else if (self->acceptor_.is_open()) {
        // Out of file descriptors or memory: who waits is not lost, it stays in the queue.
        pause.expires_after(100ms);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      }
    }
  }

  static asio::awaitable<void> serve(Self self, Protocol::socket socket) {
    try {
      co_await converse(std::move(socket), self->shared_);
    } catch (const std::exception&) {
      // It broke the connection off: nobody is left who could be told.
    }
    --self->shared_->clients;
    self->room_.cancel();
  }

  asio::io_context& io_;
  Protocol::acceptor acceptor_;
  asio::steady_timer room_;  // never expires; cancelled when a client has gone
  std::filesystem::path path_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

Server::Server(asio::io_context& io, std::shared_ptr<Impl> impl)
    : io_(io), impl_(std::move(impl)) {}

Server::~Server() {
  impl_->close();
}

void Server::finish() {
  impl_->close();
  io_.restart();
  const auto give_up = std::chrono::steady_clock::now() + last_words;
  while (impl_->has_clients() && io_.run_one_until(give_up) > 0) {
  }
}

Result<std::unique_ptr<Server>> Server::create(asio::io_context& io,
                                               const std::filesystem::path& path,
                                               Control& control) {
  auto impl = std::make_shared<Impl>(io, path, control);
  if (auto opened = impl->open(); !opened) return opened.error();
  return std::unique_ptr<Server>(new Server(io, std::move(impl)));
}

}  // namespace baton::admin
