// Reads one HTTP/1.1 response (RFC 9112) byte by byte, and is strict about it: what a lenient
// client would forgive is `broken` here. It knows no sockets: bytes and the end of the stream are
// fed to it. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::torture {

struct Response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  std::string body;

  // The first field of that name (in lower case).
  std::optional<std::string_view> field(std::string_view name) const;
  // The server said "Connection: close", alone or in a list.
  bool closes() const;
};

class ResponseReader {
 public:
  enum class State {
    waiting,   // not a byte yet
    reading,   // inside the response
    complete,  // response() is whole; rest() came after it
    broken,    // not HTTP; reason() says what
  };

  State feed(std::string_view bytes);
  // The stream ended. Completes a body that has no other end; otherwise nothing changes, so that
  // `waiting` means closed before the answer and `reading` means truncated.
  State end_of_stream();

  State state() const { return state_; }
  const Response& response() const { return response_; }
  std::string_view rest() const { return bytes_; }
  const std::string& reason() const { return reason_; }

 private:
  enum class Framing { length, chunked, until_close };

  void read_head();
  bool read_status_line(std::string_view line);
  bool read_field(std::string_view line);
  bool choose_framing();
  void read_body();
  void read_chunks();
  void take_body(std::size_t size);
  void fail(std::string reason);

  State state_ = State::waiting;
  bool head_done_ = false;
  Framing framing_ = Framing::until_close;
  std::size_t length_ = 0;
  std::string bytes_;  // fed and not yet used
  Response response_;
  std::string reason_;
};

}  // namespace baton::torture
