#include "tests/unit/worker/http/test_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <stdexcept>

namespace baton::http::testing {
namespace {

constexpr int generous_ms = 20'000;

}  // namespace

TestClient::TestClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("connect");
  }
}

bool TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool TestClient::read_more() {
  pollfd readable{socket_.get(), POLLIN, 0};
  if (::poll(&readable, 1, generous_ms) <= 0) return false;
  char bytes[16 * 1024];
  const ssize_t count = ::recv(socket_.get(), bytes, sizeof(bytes), 0);
  if (count <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> TestClient::read_until(std::string_view end) {
  for (;;) {
    if (const auto position = received_.find(end); position != std::string::npos) {
      std::string text = received_.substr(0, position + end.size());
      received_.erase(0, text.size());
      return text;
    }
    if (!read_more()) return std::nullopt;
  }
}

std::optional<ClientResponse> TestClient::receive(bool head_only) {
  auto head = read_until("\r\n\r\n");
  if (!head) return std::nullopt;
  ClientResponse response;
  response.status = std::stoi(head->substr(9, 3));
  std::size_t line = head->find("\r\n") + 2;
  while (line + 2 < head->size()) {
    const std::size_t end = head->find("\r\n", line);
    const std::size_t colon = head->find(':', line);
    std::string name = head->substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    response.headers[name] = head->substr(colon + 2, end - colon - 2);
    line = end + 2;
  }
  const std::size_t size = head_only || !response.headers.count("content-length")
                               ? 0
                               : std::stoul(response.headers["content-length"]);
  while (received_.size() < size) {
    if (!read_more()) return std::nullopt;
  }
  response.body = received_.substr(0, size);
  received_.erase(0, size);
  return response;
}

ClientResponse TestClient::get(std::string_view path) {
  send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
  auto response = receive();
  if (!response) throw std::runtime_error("no response to GET " + std::string(path));
  return *response;
}

bool TestClient::at_end() {
  if (!received_.empty()) return false;
  pollfd readable{socket_.get(), POLLIN, 0};
  if (::poll(&readable, 1, generous_ms) <= 0) return false;
  char byte = 0;
  return ::recv(socket_.get(), &byte, 1, 0) == 0;
}

bool TestClient::is_closed() {
  while (read_more()) {
  }
  char byte = 0;
  const ssize_t count = ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN);
}

void TestClient::half_close() {
  ::shutdown(socket_.get(), SHUT_WR);
}

void TestClient::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  socket_.reset();
}

}  // namespace baton::http::testing
