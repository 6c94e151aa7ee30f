#include "supervisor/admin/server.hpp"

#include "supervisor/admin/line_stream.hpp"
#include "supervisor/admin/routes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

namespace baton::admin {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Protocol = asio::local::stream_protocol;
using Stream = boost::beast::basic_stream<Protocol>;
using namespace std::chrono_literals;

namespace {

constexpr unsigned most_clients = 64;
constexpr std::size_t most_body_bytes = 64 * 1024;
constexpr auto request_timeout = 5s;
constexpr auto write_timeout = 10s;

std::optional<ucred> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  return credentials;
}

http::response<http::string_body> to_http(const ApiResponse& answer) {
  http::response<http::string_body> response(static_cast<http::status>(answer.status), 11);
  response.set(http::field::content_type, "application/json");
  if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
  response.keep_alive(false);
  response.body() = answer.body;
  response.prepare_payload();
  return response;
}

// Ends when the client has gone. Reads what it says meanwhile away: it has nothing more to say.
asio::awaitable<void> until_gone(Stream& stream) {
  char ignored[256];
  boost::system::error_code gone;
  while (!gone) {
    co_await stream.socket().async_read_some(asio::buffer(ignored),
                                             asio::redirect_error(asio::use_awaitable, gone));
  }
}

asio::awaitable<void> write_lines(Stream& stream, LineStream& lines) {
  http::response<http::empty_body> response(http::status::ok, 11);
  response.set(http::field::content_type, "application/x-ndjson");
  response.keep_alive(false);
  response.chunked(true);
  http::response_serializer<http::empty_body> header(response);
  stream.expires_after(write_timeout);
  co_await http::async_write_header(stream, header, asio::use_awaitable);
  for (;;) {
    stream.expires_never();
    const std::string pending = co_await lines.take();
    if (pending.empty()) break;
    stream.expires_after(write_timeout);
    co_await asio::async_write(stream, http::make_chunk(asio::buffer(pending)),
                               asio::use_awaitable);
  }
  stream.expires_after(write_timeout);
  co_await asio::async_write(stream, http::make_chunk_last(), asio::use_awaitable);
}

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, std::filesystem::path path, Control& control)
      : io_(io), acceptor_(io), path_(std::move(path)), control_(&control) {}

  Result<void> open() {
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
    control_ = nullptr;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    ::unlink(path_.c_str());
    for (const auto& weak : streams_) {
      if (const auto stream = weak.lock()) stream->drop_subscriptions(), stream->close();
    }
  }

 private:
  using Self = std::shared_ptr<Impl>;

  static asio::awaitable<void> accept(Self self) {
    asio::steady_timer pause(self->io_);
    while (self->acceptor_.is_open()) {
      boost::system::error_code error;
      Protocol::socket socket(self->io_);
      co_await self->acceptor_.async_accept(socket,
                                            asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        asio::co_spawn(self->io_, serve(self, Stream(std::move(socket))), asio::detached);
      } else if (self->acceptor_.is_open()) {
        // Out of file descriptors or memory: who waits is not lost, it stays in the queue.
        pause.expires_after(100ms);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      }
    }
  }

  // One connection is one request. Whatever goes wrong with it ends it, and nothing else.
  static asio::awaitable<void> serve(Self self, Stream stream) {
    ++self->clients_;
    try {
      co_await self->converse(stream);
    } catch (const std::exception&) {
    }
    --self->clients_;
    boost::system::error_code ignored;
    stream.socket().shutdown(Protocol::socket::shutdown_send, ignored);
  }

  asio::awaitable<void> converse(Stream& stream) {
    const auto credentials = peer_of(stream.socket().native_handle());
    if (!credentials || (credentials->uid != 0 && credentials->uid != ::geteuid())) {
      co_return co_await write(
          stream,
          error_response(403, "only root and the supervisor's own user may use this socket"));
    }
    if (clients_ > most_clients) {
      co_return co_await write(stream, error_response(503, "too many clients; try again later"));
    }
    boost::beast::flat_buffer buffer;
    http::request_parser<http::string_body> parser;
    parser.body_limit(most_body_bytes);
    boost::system::error_code error;
    stream.expires_after(request_timeout);
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error == http::error::body_limit) {
      co_return co_await write(stream, error_response(413, "the body is over 64 KiB"));
    }
    if (error == http::error::header_limit) {
      co_return co_await write(stream, error_response(431, "the header is over 8 KiB"));
    }
    if (error.category() == make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      co_return co_await write(stream, error_response(400, "that is not HTTP: " + error.message()));
    }
    if (error) co_return;

    const ApiResponse response =
        co_await ask(request_of(parser.get(), {credentials->uid, credentials->pid}));
    if (!response.stream) co_return co_await write(stream, response);

    using namespace asio::experimental::awaitable_operators;
    remember(response.stream);
    co_await (write_lines(stream, *response.stream) || until_gone(stream));
  }

  static ApiRequest request_of(const http::request<http::string_body>& message, Peer peer) {
    const std::string_view target(message.target().data(), message.target().size());
    const std::size_t mark = std::min(target.find('?'), target.size());
    ApiRequest request;
    request.method = std::string(message.method_string());
    request.path = std::string(target.substr(0, mark));
    request.query = std::string(target.substr(std::min(mark + 1, target.size())));
    request.body = message.body();
    request.peer = peer;
    return request;
  }

  asio::awaitable<ApiResponse> ask(ApiRequest request) {
    if (!control_) co_return error_response(503, "the supervisor is stopping");
    struct Waiting {
      explicit Waiting(asio::io_context& io) : wake(io, asio::steady_timer::time_point::max()) {}
      asio::steady_timer wake;
      std::optional<ApiResponse> response;
    };
    const auto waiting = std::make_shared<Waiting>(io_);
    handle(request, *control_, io_.get_executor(), [waiting](ApiResponse response) {
      waiting->response = std::move(response);
      waiting->wake.cancel();
    });
    while (!waiting->response) {
      boost::system::error_code woken;
      co_await waiting->wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    co_return std::move(*waiting->response);
  }

  static asio::awaitable<void> write(Stream& stream, const ApiResponse& answer) {
    const auto response = to_http(answer);
    stream.expires_after(write_timeout);
    co_await http::async_write(stream, response, asio::use_awaitable);
  }

  void remember(const std::shared_ptr<LineStream>& stream) {
    std::erase_if(streams_, [](const auto& each) { return each.expired(); });
    streams_.push_back(stream);
  }

  asio::io_context& io_;
  Protocol::acceptor acceptor_;
  std::filesystem::path path_;
  Control* control_;
  unsigned clients_ = 0;
  std::vector<std::weak_ptr<LineStream>> streams_;
};

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->close();
}

Result<std::unique_ptr<Server>> Server::create(asio::io_context& io,
                                               const std::filesystem::path& path,
                                               Control& control) {
  auto impl = std::make_shared<Impl>(io, path, control);
  if (auto opened = impl->open(); !opened) return opened.error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

}  // namespace baton::admin
