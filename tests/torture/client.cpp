#include "tests/torture/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <deque>
#include <system_error>
#include <utility>

namespace baton::torture {
namespace {

namespace asio = boost::asio;
using State = ResponseReader::State;

constexpr std::chrono::milliseconds pause_after_loss{10};  // so that a dead server is not a flood
constexpr std::size_t slow_body_pieces = 30;

std::string text_of(int error) {
  return std::generic_category().message(error);
}

bool is_over(const ResponseReader& reader) {
  return reader.state() != State::waiting && reader.state() != State::reading;
}

struct Verdict {
  Loss loss{};
  std::string detail;
};

// How the stream ended before the answer was whole.
Verdict judge_end(const ResponseReader& reader, int error, bool reused) {
  if (reader.state() == State::broken) return {Loss::wrong_answer, reader.reason()};
  if (error == ETIMEDOUT) {
    const bool silent = reader.state() == State::waiting;
    return {Loss::timed_out, silent ? "not a byte in time" : "an unfinished answer"};
  }
  const std::string how = error != 0 ? text_of(error) : "end of the stream";
  if (reader.state() == State::reading) {
    return {error != 0 ? Loss::reset_during_answer : Loss::truncated, how + " inside the answer"};
  }
  if (reused) return {Loss::closed_under_reuse, how + " on a connection that had served before"};
  return {error != 0 ? Loss::reset_before_answer : Loss::closed_before_answer, how};
}

}  // namespace

Client::Client(asio::any_io_executor executor, const Options& options, Account& account)
    : options_(options), account_(account), connection_(std::move(executor)) {}

asio::awaitable<void> Client::run() {
  switch (options_.mode) {
    case Mode::fresh:
      return run_fresh();
    case Mode::keep_alive:
      return run_keep_alive();
    case Mode::pipelined:
      return run_pipelined();
    case Mode::slow_body:
      return run_slow_body();
    case Mode::slow_read:
      return run_slow_read();
  }
  return run_fresh();
}

void Client::enforce(Connection::TimePoint now) {
  connection_.enforce(thinking_ && account_.is_over() ? Connection::TimePoint::max() : now);
}

void Client::start_clock(std::chrono::milliseconds limit) {
  connection_.set_deadline(Clock::now() + limit);
}

asio::awaitable<void> Client::run_fresh() {
  while (const auto request = account_.begin_request()) {
    start_clock(options_.timeout);
    if (!co_await connect(*request)) continue;
    const int error = co_await connection_.send(request->head + request->body);
    co_await finish(*request, error);
    connection_.close();
  }
}

asio::awaitable<void> Client::run_keep_alive() {
  while (const auto request = account_.begin_request()) {
    start_clock(options_.timeout);
    if (!connection_.is_open() && !co_await connect(*request)) continue;
    const int error = co_await connection_.send(request->head + request->body);
    co_await finish(*request, error);
    if (connection_.is_open() && options_.think_time.count() > 0) co_await think();
  }
  connection_.close();
}

asio::awaitable<void> Client::run_pipelined() {
  std::deque<Request> owed;
  for (;;) {
    while (owed.size() < options_.depth) {
      auto next = account_.begin_request();
      if (!next) break;
      owed.push_back(std::move(*next));
    }
    if (owed.empty()) break;
    start_clock(options_.timeout);
    if (!connection_.is_open() && !co_await connect(owed.front())) {
      owed.pop_front();
      continue;
    }
    std::string bytes;
    for (const Request& each : owed)
      bytes += each.head + each.body;
    const int error = co_await connection_.send(std::move(bytes));
    co_await finish_pipeline(owed, error);
  }
  connection_.close();
}

// A piece ten times a second, so that the server's side fills up and has to wait.
asio::awaitable<void> Client::run_slow_read() {
  const std::size_t piece = options_.read_rate / 10 + 1;
  asio::steady_timer pace(co_await asio::this_coro::executor);
  while (const auto request = account_.begin_request()) {
    start_clock(options_.timeout);
    if (!co_await connect(*request)) continue;
    connection_.read_little(piece);
    const int sent = co_await connection_.send(request->head + request->body);
    ResponseReader reader;
    std::string bytes;
    int error = sent;
    while (error == 0 && !is_over(reader)) {
      pace.expires_after(std::chrono::milliseconds{100});
      co_await pace.async_wait(asio::use_awaitable);
      start_clock(options_.timeout);  // for each piece: slow is not dead
      error = co_await connection_.receive(&bytes);
      if (error == 0 && !bytes.empty()) reader.feed(bytes);
      if (error == 0 && bytes.empty()) {
        reader.end_of_stream();
        break;
      }
    }
    conclude(*request, reader, error);
    connection_.close();
  }
}

asio::awaitable<void> Client::run_slow_body() {
  while (const auto request = account_.begin_request()) {
    start_clock(options_.timeout);
    if (!co_await connect(*request)) continue;
    const int error = co_await trickle(*request);
    start_clock(options_.timeout);
    co_await finish(*request, error);
    connection_.close();
  }
}

asio::awaitable<bool> Client::connect(const Request& request) {
  answers_on_connection_ = 0;
  const int error = co_await connection_.connect(options_.target);
  if (error == 0) {
    account_.connection_opened();
    co_return true;
  }
  connection_.close();
  const auto loss = error == ETIMEDOUT    ? Loss::timed_out
                    : error == ECONNRESET ? Loss::reset_before_answer
                                          : Loss::refused;
  account_.lose(request, loss, "connect: " + text_of(error));
  asio::steady_timer timer(co_await asio::this_coro::executor, pause_after_loss);
  co_await timer.async_wait(asio::use_awaitable);
  co_return false;
}

asio::awaitable<void> Client::finish(const Request& request, int send_error) {
  ResponseReader reader;
  std::string bytes;
  const int error = co_await read_answer(reader, bytes, send_error);
  const bool at_end = bytes.empty();
  if (reader.state() == State::complete && !reader.rest().empty()) {
    account_.lose(request, Loss::wrong_answer, "bytes after the end of the answer");
    connection_.close();
  } else if (!conclude(request, reader, error) || at_end) {
    connection_.close();
  } else if (reader.response().closes()) {
    obey_close(request);
  }
}

// Feeds `bytes`, and then what comes, until the answer is whole or will never be.
asio::awaitable<int> Client::read_answer(ResponseReader& reader, std::string& bytes,
                                         int send_error) {
  if (!bytes.empty()) reader.feed(bytes);
  while (!is_over(reader)) {
    if (const int error = co_await connection_.receive(&bytes)) co_return error;
    if (!bytes.empty()) {
      reader.feed(bytes);
    } else if (reader.end_of_stream() != State::complete) {
      co_return send_error;  // what a failed send has told us, recv(2) does not tell again
    }
  }
  co_return 0;
}

// Enters what has become of a request. False when its connection can't be used again.
bool Client::conclude(const Request& request, const ResponseReader& reader, int error) {
  if (reader.state() != State::complete) {
    const auto verdict = judge_end(reader, error, answers_on_connection_ > 0);
    account_.lose(request, verdict.loss, verdict.detail);
    return false;
  }
  ++answers_on_connection_;
  return account_.answer(request, reader.response());
}

asio::awaitable<void> Client::finish_pipeline(std::deque<Request>& owed, int send_error) {
  std::string bytes;
  while (!owed.empty()) {
    ResponseReader reader;
    const int error = co_await read_answer(reader, bytes, send_error);
    const Request request = std::move(owed.front());
    owed.pop_front();
    if (!conclude(request, reader, error)) {
      // The others were owed on the same connection, and share its fate.
      for (const Request& each : std::exchange(owed, {}))
        conclude(each, reader, error);
      connection_.close();
    } else if (reader.response().closes()) {
      account_.send_again(owed.size());
      obey_close(request);
      break;
    }
    bytes = std::string(reader.rest());
  }
}

void Client::obey_close(const Request& request) {
  if (options_.expect_kept && !request.asks_to_close) {
    account_.lose_connection(Loss::told_to_close, "told to close a connection that was to be kept");
  }
  connection_.close();
}

// Sends the body in pieces over body_time. Stops when an answer comes before its end.
asio::awaitable<int> Client::trickle(const Request& request) {
  if (const int error = co_await connection_.send(request.head)) co_return error;
  const std::size_t piece = request.body.size() / slow_body_pieces + 1;
  const auto interval = options_.body_time / (request.body.size() / piece + 1);
  for (std::size_t at = 0; at < request.body.size(); at += piece) {
    start_clock(interval);
    if (co_await connection_.wait_readable() != ETIMEDOUT) co_return 0;
    if (const int error = co_await connection_.send(request.body.substr(at, piece)))
      co_return error;
  }
  co_return 0;
}

// A server that closes now has not lost a request, but it has lost a connection.
asio::awaitable<void> Client::think() {
  thinking_ = true;
  start_clock(options_.think_time);
  const int quiet = co_await connection_.wait_readable();
  thinking_ = false;
  if (quiet == ETIMEDOUT) co_return;
  std::string bytes;
  const int error = co_await connection_.receive(&bytes);
  account_.lose_connection(Loss::closed_while_idle, error != 0 ? text_of(error) + " while idle"
                                                    : bytes.empty()
                                                        ? "closed while idle"
                                                        : "bytes that nobody had asked for");
  connection_.close();
}

}  // namespace baton::torture
