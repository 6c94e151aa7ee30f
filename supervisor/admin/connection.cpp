#include "supervisor/admin/connection.hpp"

#include "supervisor/admin/routes.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace baton::admin {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Protocol = asio::local::stream_protocol;
using Stream = boost::beast::basic_stream<Protocol>;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_body_bytes = 64 * 1024;
constexpr auto request_timeout = 5s;
constexpr auto write_timeout = 30s;  // a terminal may be held for a moment
constexpr auto linger_timeout = 1s;

// ---- reading

bool may_pass(Stream& stream, Peer& peer) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  const int socket = stream.socket().native_handle();
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return false;
  peer = {credentials.uid, credentials.pid};
  return peer.uid == 0 || peer.uid == ::geteuid();
}

ApiRequest to_api(const http::request<http::string_body>& message, Peer peer) {
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

// What to say about a request that could not be read; nothing when nobody listens any more.
std::optional<ApiResponse> refusal_of(boost::system::error_code error) {
  if (error == http::error::body_limit) return error_response(413, "the body is over 64 KiB");
  if (error == http::error::header_limit) return error_response(431, "the header is over 8 KiB");
  const bool cut_short =
      error == http::error::end_of_stream || error == http::error::partial_message;
  if (error.category() != make_error_code(http::error::bad_method).category() || cut_short) {
    return std::nullopt;
  }
  return error_response(400, "that is not HTTP: " + error.message());
}

// Either the request or what it is refused with; neither when the client went away or was too slow.
struct Incoming {
  std::optional<ApiRequest> request;
  std::optional<ApiResponse> refusal;
};

asio::awaitable<Incoming> read_request(Stream& stream, Peer peer) {
  boost::beast::flat_buffer buffer;
  http::request_parser<http::string_body> parser;
  parser.body_limit(most_body_bytes);
  boost::system::error_code error;
  stream.expires_after(request_timeout);
  co_await http::async_read(stream, buffer, parser,
                            asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return Incoming{{}, refusal_of(error)};
  if (parser.get().version() != 11) {
    co_return Incoming{{}, error_response(505, "the admin API speaks HTTP/1.1")};
  }
  co_return Incoming{to_api(parser.get(), peer), {}};
}

// ---- answering

asio::awaitable<ApiResponse> ask(ApiRequest request, std::shared_ptr<Shared> shared) {
  if (shared->control == nullptr) co_return error_response(503, "the supervisor is stopping");
  struct Waiting {
    asio::steady_timer wake;  // never expires; cancelled when there is a response
    std::optional<ApiResponse> response;
  };
  const auto executor = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<Waiting>(
      Waiting{asio::steady_timer(executor, asio::steady_timer::time_point::max()), {}});
  handle(request, *shared->control, executor, [waiting](ApiResponse response) {
    waiting->response = std::move(response);
    waiting->wake.cancel();
  });
  while (!waiting->response) {
    boost::system::error_code woken;
    co_await waiting->wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  co_return std::move(*waiting->response);
}

asio::awaitable<void> write_document(Stream& stream, ApiResponse answer) {
  http::response<http::string_body> response(static_cast<http::status>(answer.status), 11);
  response.set(http::field::content_type, "application/json");
  if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
  response.keep_alive(false);
  response.body() = std::move(answer.body);
  response.prepare_payload();
  stream.expires_after(write_timeout);
  co_await http::async_write(stream, response, asio::use_awaitable);
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

// Ends when the client has gone. What it says meanwhile is read away: it has had its request. Past
// the stream's own clock, which belongs to the writer.
asio::awaitable<void> until_gone(Stream& stream) {
  std::array<char, 256> ignored;
  boost::system::error_code gone;
  while (!gone) {
    co_await stream.socket().async_read_some(asio::buffer(ignored),
                                             asio::redirect_error(asio::use_awaitable, gone));
  }
}

asio::awaitable<void> write_stream(Stream& stream, std::shared_ptr<LineStream> lines) {
  using namespace asio::experimental::awaitable_operators;
  co_await (write_lines(stream, *lines) || until_gone(stream));
}

// A client that is still writing when we close would see its write fail, and not read our answer.
asio::awaitable<void> linger(Stream& stream) {
  boost::system::error_code error;
  stream.socket().shutdown(Protocol::socket::shutdown_send, error);
  stream.expires_after(linger_timeout);
  std::array<char, 4096> ignored;
  while (!error) {
    co_await stream.async_read_some(asio::buffer(ignored),
                                    asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace

asio::awaitable<void> converse(Protocol::socket socket, std::shared_ptr<Shared> shared) {
  Stream stream(std::move(socket));
  Peer peer;
  if (!may_pass(stream, peer)) {
    const std::string who = "only root and the supervisor's own user may use this socket";
    co_await write_document(stream, error_response(403, who));
  } else if (shared->clients > most_clients) {
    co_await write_document(stream, error_response(503, "too many clients; try again later"));
  } else {
    Incoming incoming = co_await read_request(stream, peer);
    if (!incoming.request && !incoming.refusal) co_return;
    // Not in one expression: GCC 12 destroys the temporaries of a co_await in ?: twice.
    ApiResponse response;
    if (incoming.refusal) {
      response = std::move(*incoming.refusal);
    } else {
      response = co_await ask(std::move(*incoming.request), shared);
    }
    if (response.stream) {
      std::erase_if(shared->streams, [](const auto& each) { return each.expired(); });
      shared->streams.push_back(response.stream);
      co_await write_stream(stream, response.stream);
    } else {
      co_await write_document(stream, response);
    }
  }
  co_await linger(stream);
}

}  // namespace baton::admin
