// A server that loses requests on purpose, each time in one chosen way: the strict client's own
// tests prove with it that a loss is seen. One connection at a time, on a thread of its own; the
// destructor ends it.
#pragma once

#include "common/net/address.hpp"
#include "common/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <thread>

namespace baton::testing {

enum class Misbehaviour {
  none,
  reset_before_answer,
  reset_during_answer,
  close_before_answer,
  close_under_reuse,   // answers once, then closes as the next request comes
  close_told,          // answers once with "Connection: close", and closes
  close_told_third,    // answers three times, the third as close_told does
  close_as_end,        // answers without a length, so that nothing but closing ends the answer
  answer_after_close,  // says "Connection: close", and answers the next request nevertheless
  swap,                // answers every two requests in the wrong order
  close_while_idle,    // answers once and closes a moment later without having said so
  truncate,
  wrong_status,
  wrong_item,    // a 201 for another name than the posted one
  nonsense,      // not HTTP
  extra_bytes,   // more than Content-Length
  hang,          // never answers
  early_answer,  // refuses a POST with 413 before its body has come
};

class MisbehavingServer {
 public:
  // Listens on a free port of 127.0.0.1. Throws Failure when it can't.
  explicit MisbehavingServer(Misbehaviour behaviour);
  ~MisbehavingServer();
  MisbehavingServer(const MisbehavingServer&) = delete;
  MisbehavingServer& operator=(const MisbehavingServer&) = delete;

  const net::Address& address() const { return address_; }

 private:
  enum class Next { request, close };

  void serve();
  void serve_connection(UniqueFd connection);
  Next answer(UniqueFd& connection, const std::string& request, unsigned number);
  Next linger(const UniqueFd& connection);
  // To the end of the head, and of the body where the behaviour wants it. Empty: no more.
  std::string read_request(const UniqueFd& connection);
  // False when the server is being stopped.
  bool wait_readable(const UniqueFd& fd);

  const Misbehaviour behaviour_;
  UniqueFd listener_;
  UniqueFd stop_;  // eventfd(2)
  net::Address address_;
  std::string received_;  // and not read as a request
  std::thread thread_;
};

}  // namespace baton::testing
