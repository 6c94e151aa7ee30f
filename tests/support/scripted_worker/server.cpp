#include "tests/support/scripted_worker/server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>

namespace baton::testing {
namespace {

std::size_t body_size(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

void Server::start_accepting() {
  accepting_ = true;
  draining_ = false;
}

void Server::drain(Queue queue) {
  draining_ = true;
  accepting_ = false;
  if (queue == Queue::leave) return;
  for (const auto& listener : listeners_)
    accept_from(listener);
}

void Server::serve(const UniqueFd& channel, Until until) {
  for (;;) {
    std::vector<pollfd> fds{{channel.get(), POLLIN, 0}};
    for (const auto& connection : connections_)
      fds.push_back({connection.fd.get(), POLLIN, 0});
    for (const auto& listener : listeners_)
      fds.push_back({accepting_ ? listener.get() : -1, POLLIN, 0});
    const bool done = until == Until::message_or_idle && idle();
    ::poll(fds.data(), fds.size(), done ? 0 : -1);
    auto ready = fds.begin() + 1;
    for (auto connection = connections_.begin(); connection != connections_.end(); ++ready) {
      const bool over = ready->revents != 0 && !read_from(*connection);
      connection = over ? connections_.erase(connection) : std::next(connection);
    }
    for (const auto& listener : listeners_) {
      if ((ready++)->revents != 0) accept_from(listener);
    }
    if (fds[0].revents != 0 || done) return;
  }
}

void Server::accept_from(const UniqueFd& listener) {
  for (;;) {
    UniqueFd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    connections_.push_back({std::move(fd), {}});
  }
}

bool Server::read_from(Connection& connection) {
  char buffer[16 * 1024];
  const auto size = ::recv(connection.fd.get(), buffer, sizeof buffer, 0);
  if (size < 0) return errno == EAGAIN;
  if (size == 0) return false;
  connection.bytes.append(buffer, static_cast<std::size_t>(size));
  return answer(connection);
}

bool Server::answer(Connection& connection) {
  auto& bytes = connection.bytes;
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string::npos) return true;
  const auto size = body_size(bytes);
  if (bytes.size() < head_end + 4 + size) return true;
  on_request_();
  ++requests_;
  const bool post = bytes.starts_with("POST");
  const bool close = draining_ || bytes.find("Connection: close") < head_end;
  const std::string body =
      post && size > 1 ? "{\"id\":1," + bytes.substr(head_end + 5, size - 1) : "{}";
  const std::string response = std::string("HTTP/1.1 ") + (post ? "201 Created" : "200 OK") +
                               "\r\nX-Worker: " + identity_ +
                               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                               (close ? "Connection: close\r\n" : "") + "\r\n" + body;
  bytes.clear();
  return ::send(connection.fd.get(), response.data(), response.size(), MSG_NOSIGNAL) > 0 && !close;
}

}  // namespace baton::testing
