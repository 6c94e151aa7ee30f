// Every way in which a client can lose a request or a connection. A strict client names each one,
// because the name says where to look. Plain values.
#pragma once

namespace baton::torture {

enum class Loss {
  refused,               // no connection: ECONNREFUSED, or no such Unix socket
  reset_before_answer,   // RST, and not one byte of the answer had come
  reset_during_answer,   // RST inside the answer
  closed_before_answer,  // the end of the stream instead of an answer, on a new connection
  closed_under_reuse,    // closed or reset as the client sent its next request on it
  told_to_close,         // "Connection: close", from a server that was to keep it (a connection)
  reconnected,           // opened anew, though it was to be kept, and nobody had said it closes
  closed_while_idle,     // closed between two requests without a word (a connection, not a request)
  truncated,             // the end of the stream inside the answer
  wrong_status,          // an answer, but not the one that was due
  wrong_answer,          // not HTTP, or about something else than what was asked
  timed_out,             // no whole answer in time
};

const char* to_string(Loss loss);

}  // namespace baton::torture
