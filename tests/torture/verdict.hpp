// What has become of a request whose answer never was whole. A plain function.
#pragma once

#include "tests/torture/loss.hpp"
#include "tests/torture/response_reader.hpp"

#include <string>

namespace baton::torture {

struct Verdict {
  Loss loss{};
  std::string detail;
};

std::string text_of(int error);

// How the stream ended before the answer was whole. `error`: of recv(2) or send(2), ETIMEDOUT for
// our deadline, 0 at the end of the stream. `reused`: the connection had served a request before.
Verdict judge_end(const ResponseReader& reader, int error, bool reused);

// The same for a request that was pipelined behind the one of `reader`, on the same connection.
Verdict judge_behind(const ResponseReader& reader, int error, bool reused);

}  // namespace baton::torture
