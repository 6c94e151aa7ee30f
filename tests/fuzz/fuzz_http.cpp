// Any bytes are requests, then a refusal or a wait for more; never a crash, never over the limits,
// and the same however they are cut: at once, byte by byte, at places that the bytes choose.
//
// Two liberties: the parser may notice early, or only at the header's end, that a header is wrong
// (so each input is ended by an empty line); and of a header that is both wrong and too long it may
// say either.
#include "worker/http/request_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using baton::http::Request;
using baton::http::RequestReader;

// Small, so that inputs reach them.
constexpr baton::http::ReadLimits limits{.header = 256, .body = 128};

void require(bool holds) {
  if (!holds) std::abort();
}

// What came of some bytes; everything that an owner of the reader can see.
struct Outcome {
  struct Served {
    baton::http::Method method;
    std::string target, path, query, body;
    std::vector<std::string> fields;
    bool keep_alive, http10;
    bool operator==(const Served&) const = default;
  };
  std::vector<Served> requests;
  RequestReader::State end{};
  unsigned status = 0;
  std::string message;
};

Outcome::Served copy(const Request& request, const RequestReader& reader) {
  Outcome::Served served{request.method,
                         std::string(request.target),
                         std::string(request.path),
                         std::string(request.query),
                         std::string(request.body),
                         {},
                         reader.keep_alive(),
                         reader.is_http10()};
  std::size_t size = request.target.size();
  for (const auto& [name, value] : request.headers) {
    served.fields.push_back(std::string(name) + ": " + std::string(value));
    size += name.size() + value.size();
  }
  require(size < limits.header && served.body.size() <= limits.body);
  return served;
}

bool says_too_long(const Outcome& outcome) {
  return outcome.status == 431;
}

void require_same(const Outcome& whole, const Outcome& cut) {
  const bool either = says_too_long(whole) || says_too_long(cut);
  const bool same_end = whole.end == cut.end && (either || whole.message == cut.message);
  if (whole.requests == cut.requests && same_end) return;
  for (const Outcome* each : {&whole, &cut}) {
    std::fprintf(stderr, "%zu requests, then state %d: %u %s\n", each->requests.size(),
                 static_cast<int>(each->end), each->status, each->message.c_str());
  }
  std::abort();
}

template <class ChoosePiece>
Outcome feed(RequestReader& reader, std::string_view bytes, ChoosePiece choose_piece) {
  using State = RequestReader::State;
  Outcome outcome;
  reader.clear();
  auto request = std::make_unique<Request>();
  State state = State::header;
  while (state != State::refused) {
    if (state == State::complete) {
      outcome.requests.push_back(copy(*request, reader));
      request = std::make_unique<Request>();  // nothing of the old one may show in the new one
      state = reader.next(*request);
      continue;
    }
    if (bytes.empty()) break;
    const auto space = reader.space();
    require(!space.empty());
    const std::size_t count = std::min({bytes.size(), space.size(), choose_piece()});
    std::copy_n(bytes.begin(), count, space.begin());
    bytes.remove_prefix(count);
    state = reader.received(count, *request);
  }
  outcome.end = state;
  if (state == State::refused) {
    outcome.status = reader.refusal().status;
    outcome.message = reader.refusal().message;
    require(outcome.status >= 400 && !outcome.message.empty() && !reader.keep_alive());
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = std::string(reinterpret_cast<const char*>(data), size) + "\r\n\r\n";
  static RequestReader reader(limits);  // one for all, as a worker's next connection reuses it
  const Outcome whole = feed(reader, bytes, [] { return SIZE_MAX; });
  const Outcome bytewise = feed(reader, bytes, []() -> std::size_t { return 1; });
  require_same(whole, bytewise);

  std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>{}(bytes)));
  const Outcome cut = feed(reader, bytes, [&random]() -> std::size_t { return 1 + random() % 32; });
  require_same(whole, cut);
  return 0;
}
