#include "tests/support/misbehaving_server.hpp"

#include "common/net/listen.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstdlib>

namespace baton::testing {
namespace {

void send_all(const UniqueFd& fd, const std::string& bytes) {
  [[maybe_unused]] const auto sent = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// SO_LINGER with a time of 0 makes close(2) send RST (socket(7), tcp(7)).
void reset(UniqueFd& fd) {
  const linger now{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd.reset();
}

std::string response(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nX-Worker: 7.42\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string with_field(std::string response, const std::string& line) {
  return response.insert(response.find("\r\n") + 2, line + "\r\n");
}

bool is_post(const std::string& request) {
  return request.starts_with("POST");
}

// What was due: the list for a GET, the created item for a POST.
std::string good_answer_without_id(const std::string& request) {
  if (!is_post(request)) return response("200 OK", "{\"items\":[]}");
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  return response("201 Created", body.empty() ? "{}" : "{\"id\":1," + body.substr(1));
}

std::string good_answer(const std::string& request) {
  const auto id = request.find("X-Request-Id: ");
  const std::string answer = good_answer_without_id(request);
  if (id == std::string::npos) return answer;
  return with_field(answer, request.substr(id, request.find("\r\n", id) - id));
}

std::size_t body_size(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

MisbehavingServer::MisbehavingServer(Misbehaviour behaviour)
    : behaviour_(behaviour),
      listener_(net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 128).value()),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      address_(net::local_address(listener_).value()),
      thread_([this] { serve(); }) {}

MisbehavingServer::~MisbehavingServer() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

bool MisbehavingServer::wait_readable(const UniqueFd& fd) {
  pollfd fds[] = {{fd.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  ::poll(fds, 2, -1);
  return fds[1].revents == 0;
}

void MisbehavingServer::serve() {
  while (wait_readable(listener_)) {
    serve_connection(UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }
}

void MisbehavingServer::serve_connection(UniqueFd connection) {
  received_.clear();
  for (unsigned number = 1; connection; ++number) {
    const std::string request = read_request(connection);
    if (request.empty() || answer(connection, request, number) == Next::close) return;
  }
}

MisbehavingServer::Next MisbehavingServer::answer(UniqueFd& connection, const std::string& request,
                                                  unsigned number) {
  const std::string good = good_answer(request);
  switch (behaviour_) {
    case Misbehaviour::none:
      send_all(connection, good);
      return Next::request;
    case Misbehaviour::reset_before_answer:
      reset(connection);
      return Next::close;
    case Misbehaviour::reset_during_answer:
      send_all(connection, good.substr(0, 20));
      reset(connection);
      return Next::close;
    case Misbehaviour::close_before_answer:
      return Next::close;
    case Misbehaviour::close_under_reuse:
      if (number > 1) return Next::close;
      send_all(connection, good);
      return Next::request;
    case Misbehaviour::close_told:
      send_all(connection, with_field(good, "Connection: close"));
      return linger(connection);
    case Misbehaviour::close_told_third:
      send_all(connection, number < 3 ? good : with_field(good, "Connection: close"));
      return number < 3 ? Next::request : linger(connection);
    case Misbehaviour::close_as_end:
      send_all(connection, "HTTP/1.1 200 OK\r\n\r\n{\"items\":[]}");
      return linger(connection);
    case Misbehaviour::answer_after_close:
      send_all(connection, with_field(good, "Connection: close") + good);
      return linger(connection);
    case Misbehaviour::swap:
      send_all(connection, good_answer(read_request(connection)) + good);
      return Next::request;
    case Misbehaviour::close_while_idle:
      send_all(connection, good);
      return Next::close;
    case Misbehaviour::truncate:
      send_all(connection, good.substr(0, good.size() - 3));
      return Next::close;
    case Misbehaviour::wrong_status:
      send_all(connection, response("503 Service Unavailable", "{}"));
      return Next::request;
    case Misbehaviour::wrong_item:
      send_all(connection, response("201 Created", "{\"id\":1,\"name\":\"another\"}"));
      return Next::request;
    case Misbehaviour::nonsense:
      send_all(connection, "+OK\r\n");
      return Next::request;
    case Misbehaviour::extra_bytes:
      send_all(connection, good + "?");
      return Next::request;
    case Misbehaviour::hang:
      wait_readable(connection);
      return Next::close;
    case Misbehaviour::early_answer:
      send_all(connection, response("413 Content Too Large", "{}"));
      return Next::request;
  }
  return Next::close;
}

// Closes without a reset, which would take what has been sent away from the client.
MisbehavingServer::Next MisbehavingServer::linger(const UniqueFd& connection) {
  ::shutdown(connection.get(), SHUT_WR);
  while (!read_request(connection).empty()) {
  }
  return Next::close;
}

std::string MisbehavingServer::read_request(const UniqueFd& connection) {
  for (;;) {
    const auto head_end = received_.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const std::size_t size = head_end + 4 + body_size(received_.substr(0, head_end));
      if (received_.size() >= size || behaviour_ == Misbehaviour::early_answer) {
        std::string request = received_.substr(0, size);
        received_.erase(0, size);
        return request;
      }
    }
    if (!wait_readable(connection)) return {};
    char buffer[4096];
    const auto size = ::recv(connection.get(), buffer, sizeof buffer, 0);
    if (size <= 0) return {};
    received_.append(buffer, static_cast<std::size_t>(size));
  }
}

}  // namespace baton::testing
