// The pipelining of Client: `depth` requests in flight, answered in order (RFC 9112, 9.3.2).
#include "tests/torture/client.hpp"
#include "tests/torture/verdict.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace baton::torture {

namespace asio = boost::asio;

asio::awaitable<void> Client::run_pipelined() {
  Pipeline line;
  for (;;) {
    top_up(line);
    if (line.owed.empty()) break;
    connection_.set_deadline(line.owed.front().begun + options_.timeout);
    if (!co_await connect(line.owed.front())) {
      line.owed.pop_front();
      continue;
    }
    line.out = {};
    for (const Request& request : line.owed)
      line.out.bytes += request.head + request.body;
    co_await converse(line);
  }
  connection_.close();
}

void Client::top_up(Pipeline& line) {
  while (line.owed.size() < options_.depth) {
    auto request = account_.begin_request();
    if (!request) return;
    line.out.bytes += request->head + request->body;
    line.owed.push_back(std::move(*request));
  }
}

// On one connection, until it is closed or there are no more requests.
asio::awaitable<void> Client::converse(Pipeline& line) {
  std::string bytes;
  while (!line.owed.empty()) {
    connection_.set_deadline(line.owed.front().begun + options_.timeout);
    ResponseReader reader;
    const int error = co_await read_answer(reader, bytes, line.out);
    const Request request = std::move(line.owed.front());
    line.owed.pop_front();
    const bool closes = reader.response().closes();
    const bool is_last = closes || line.owed.empty();
    if (!conclude(request, reader, error, is_last ? Behind::nothing : Behind::answers)) {
      lose_all(line.owed, reader, error);
      connection_.close();
      co_return;
    }
    if (closes) {
      // The server has said that it won't look at the others: they may be sent once more, on a new
      // connection, whatever their method (RFC 9112, 9.6).
      account_.send_again(line.owed.size());
      obey_close(request);
      co_return;
    }
    bytes = reader.rest();
    top_up(line);
  }
}

void Client::lose_all(std::deque<Request>& owed, const ResponseReader& reader, int error) {
  const auto verdict = judge_behind(reader, error, answers_on_connection_ > 0);
  for (const Request& request : std::exchange(owed, {}))
    account_.lose(request, verdict.loss, verdict.detail);
}

}  // namespace baton::torture
