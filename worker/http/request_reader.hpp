// Bytes from a connection become requests (RFC 9112). No I/O: the owner receives into space(), says
// how much came, and is told what that makes. One reader serves one request after the other; bytes
// past the end of a request (pipelining) stay and begin the next. This is all of the engine's
// parsing, and what the fuzzer drives.
//
// The views in the request point into the reader: valid until next(). Not thread-safe.
#pragma once

#include "worker/http/exchange.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton::http {

class RequestParser;

struct ReadLimits {
  std::size_t header = 8 * 1024;  // request line and fields, with the empty line that ends them
  std::size_t body = 64 * 1024;
};

class RequestReader {
 public:
  enum class State {
    header,    // more bytes are needed; the header is not complete
    body,      // more bytes are needed; the header is complete
    complete,  // the request is whole
    refused,   // what came is no request that can be served: refusal()
  };

  struct Refusal {
    unsigned status = 0;
    std::string_view message;
  };

  explicit RequestReader(ReadLimits limits);
  ~RequestReader();

  // Where to receive into. Never empty while the state is header or body.
  std::span<char> space();
  // `count` bytes have been received into space(): fills in as much of `request` as is there.
  State received(std::size_t count, Request& request);
  // Begins the next request with the bytes that are left from before, if any.
  State next(Request& request);
  // Begins with bytes that somebody else has received; call next() then. What does not fit is cut
  // off, and refused by next() as over the limit.
  void preload(std::string_view bytes);
  // Before next(): what has come past the end of the last request.
  std::string_view rest() const { return {buffer_.data() + begin_, end_ - begin_}; }
  // Forgets everything, for another connection.
  void clear();

  // Not a byte of a request is there.
  bool idle() const { return end_ == 0; }
  // Bytes have come that belong to a later request.
  bool has_more() const { return end_ > begin_; }
  // The client wants to be told that it may send the body (Expect: 100-continue).
  bool expects_continue() const;
  // What the client's version and Connection field say. Known once the header is complete.
  bool keep_alive() const { return keep_alive_; }
  // The client speaks HTTP/1.0, which wants to be told when a connection stays open.
  bool is_http10() const { return http10_; }
  Refusal refusal() const { return refusal_; }
  // The owner refuses it, for a reason of its own. `message` must be a literal.
  State refuse(unsigned status, std::string_view message);

 private:
  State parse(Request& request);
  void note_end_of_header();
  State what_is_missing();
  State refuse_for(const boost::system::error_code& ec);
  void drop_empty_lines();
  void move_unparsed_to(std::size_t position);
  bool names_other_version() const;

  const ReadLimits limits_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;        // of what is not parsed yet
  std::size_t end_ = 0;          // of what has been received
  std::size_t header_size_ = 0;  // 0: not complete. The header stays in front until next()
  std::unique_ptr<RequestParser> parser_;
  std::string decoded_path_;
  std::string collected_body_;
  State state_ = State::header;
  Refusal refusal_;
  bool keep_alive_ = false;
  bool http10_ = false;
};

}  // namespace baton::http
