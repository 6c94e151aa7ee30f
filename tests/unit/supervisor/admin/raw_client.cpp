#include "tests/unit/supervisor/admin/raw_client.hpp"

#include "common/result.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <sstream>

namespace baton::admin {
namespace {

constexpr int patience_ms = 30'000;

HttpAnswer parse(const std::string& text) {
  namespace http = boost::beast::http;
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  boost::system::error_code error;
  std::size_t used = 0;
  while (used < text.size() && !parser.is_done()) {
    const std::size_t took =
        parser.put(boost::asio::buffer(text.data() + used, text.size() - used), error);
    if (error) throw Failure({Errc::invalid_input, error.message() + " in: " + text});
    used += took;
  }
  parser.put_eof(error);
  if (error || used != text.size()) throw Failure({Errc::invalid_input, "not whole: " + text});
  const auto& message = parser.get();
  return {static_cast<int>(message.result_int()), std::string(message[http::field::allow]),
          std::string(message[http::field::content_type]), message.body()};
}

}  // namespace

std::vector<nlohmann::json> HttpAnswer::lines() const {
  std::vector<nlohmann::json> all;
  std::istringstream text(body);
  for (std::string line; std::getline(text, line);)
    all.push_back(nlohmann::json::parse(line));
  return all;
}

RawClient::RawClient(const std::filesystem::path& socket)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw Failure(system_error("connect " + socket.string(), errno));
  }
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::send_request(std::string_view method_and_target, std::string_view body) {
  std::string text(method_and_target);
  text += " HTTP/1.1\r\nHost: batond\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  text += body;
  send(text);
}

HttpAnswer RawClient::read_answer() {
  while (read_some()) {
  }
  return parse(seen_);
}

bool RawClient::read_until(std::string_view part) {
  while (seen_.find(part) == seen_.npos) {
    if (!read_some()) return false;
  }
  return true;
}

bool RawClient::read_some() {
  pollfd readable{socket_.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&readable, 1, patience_ms);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) throw Failure({Errc::timed_out, "the server said nothing more after: " + seen_});
  std::array<char, 16 * 1024> bytes;
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  seen_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

HttpAnswer ask(const std::filesystem::path& socket, std::string_view method_and_target,
               std::string_view body) {
  RawClient client(socket);
  client.send_request(method_and_target, body);
  return client.read_answer();
}

}  // namespace baton::admin
