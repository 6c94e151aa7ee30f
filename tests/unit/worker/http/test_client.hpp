// A client that is as good or as bad as a test wants it: raw bytes out, responses in.
#pragma once

#include "common/unique_fd.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace baton::http::testing {

struct ClientResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port);
  explicit TestClient(UniqueFd socket) : socket_(std::move(socket)) {}

  // Also when the server does not read: false if it has closed.
  bool send(std::string_view bytes);
  // The next response, whole; nothing if the connection ends before (or after a generous time).
  // One to HEAD has no body, whatever it says.
  std::optional<ClientResponse> receive(bool head_only = false);
  ClientResponse get(std::string_view path);
  // The connection has ended in an orderly way, with nothing more to read.
  bool at_end();
  // It has ended, orderly or by a reset.
  bool is_closed();
  void half_close();
  // Ends with a reset: what TCP does when a client dies.
  void reset();

  int fd() const { return socket_.get(); }

 private:
  bool read_more();
  std::optional<std::string> read_until(std::string_view end);

  UniqueFd socket_;
  std::string received_;
};

}  // namespace baton::http::testing
