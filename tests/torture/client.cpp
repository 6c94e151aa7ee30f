#include "tests/torture/client.hpp"

#include "tests/torture/verdict.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <utility>

namespace baton::torture {
namespace {

namespace asio = boost::asio;
using State = ResponseReader::State;

constexpr std::chrono::milliseconds pause_after_loss{10};  // so that a dead server is not a flood
constexpr std::size_t slow_body_pieces = 30;

bool is_over(const ResponseReader& reader) {
  return reader.state() != State::waiting && reader.state() != State::reading;
}

}  // namespace

Client::Client(asio::any_io_executor executor, const Options& options, Account& account)
    : options_(options), account_(account), connection_(std::move(executor)) {
  if (options.mode == Mode::slow_read) connection_.read_little(options.read_rate / 10);
}

asio::awaitable<void> Client::run() {
  switch (options_.mode) {
    case Mode::fresh:
    case Mode::slow_read:
      return run_fresh();
    case Mode::keep_alive:
      return run_keep_alive();
    case Mode::pipelined:
      return run_pipelined();
    case Mode::slow_body:
      return run_slow_body();
  }
  return run_fresh();
}

void Client::enforce(Connection::TimePoint now) {
  connection_.enforce(thinking_ && account_.is_over() ? Connection::TimePoint::max() : now);
}

void Client::start_clock(std::chrono::milliseconds limit) {
  connection_.set_deadline(Clock::now() + limit);
}

asio::awaitable<void> Client::pause(Clock::duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> Client::run_fresh() {
  while (const auto request = account_.begin_request()) {
    start_clock(options_.timeout);
    if (!co_await connect(*request)) continue;
    Outgoing out{request->head + request->body};
    co_await finish(*request, std::move(out));
    connection_.close();
  }
}

asio::awaitable<void> Client::run_keep_alive() {
  while (const auto request = account_.begin_request()) {
    start_clock(options_.timeout);
    if (!connection_.is_open() && !co_await connect(*request)) continue;
    Outgoing out{request->head + request->body};
    co_await finish(*request, std::move(out));
    if (connection_.is_open() && options_.think_time.count() > 0) co_await think();
  }
  connection_.close();
}

asio::awaitable<void> Client::run_slow_body() {
  while (const auto request = account_.begin_request()) {
    start_clock(options_.timeout);
    if (!co_await connect(*request)) continue;
    Outgoing out;
    out.error = co_await trickle(*request);
    start_clock(options_.timeout);
    co_await finish(*request, std::move(out));
    connection_.close();
  }
}

asio::awaitable<bool> Client::connect(const Request& request) {
  answers_on_connection_ = 0;
  const int error = co_await connection_.connect(options_.target);
  if (error == 0) {
    if (options_.expect_kept && connections_ > 0 && !loss_is_entered_) {
      account_.lose_connection(Loss::reconnected, "a second connection where one was to be kept");
    }
    loss_is_entered_ = false;
    account_.connection_opened(++connections_);
    co_return true;
  }
  connection_.close();
  const auto loss = error == ETIMEDOUT    ? Loss::timed_out
                    : error == ECONNRESET ? Loss::reset_before_answer
                                          : Loss::refused;
  account_.lose(request, loss, "connect: " + text_of(error));
  co_await pause(pause_after_loss);
  co_return false;
}

asio::awaitable<void> Client::finish(const Request& request, Outgoing out) {
  ResponseReader reader;
  std::string bytes;
  const int error = co_await read_answer(reader, bytes, out);
  if (!conclude(request, reader, error, Behind::nothing)) {
    connection_.close();
  } else if (reader.response().closes()) {
    obey_close(request);
  } else if (bytes.empty()) {
    connection_.close();  // the end of the stream was that of the answer
  }
}

asio::awaitable<int> Client::read_answer(ResponseReader& reader, std::string& bytes,
                                         Outgoing& out) {
  if (!bytes.empty()) reader.feed(bytes);
  while (!is_over(reader)) {
    if (const int error = co_await connection_.receive(&bytes, &out)) co_return error;
    if (!bytes.empty()) {
      reader.feed(bytes);
    } else if (reader.end_of_stream() != State::complete) {
      co_return out.error;  // what a failed send has told us, recv(2) does not tell again
    }
    if (options_.mode == Mode::slow_read && !is_over(reader)) co_await read_slowly(bytes.size());
  }
  co_return 0;
}

bool Client::conclude(const Request& request, const ResponseReader& reader, int error,
                      Behind behind) {
  if (reader.state() != State::complete) {
    const auto verdict = judge_end(reader, error, answers_on_connection_ > 0);
    account_.lose(request, verdict.loss, verdict.detail);
    return false;
  }
  if (behind == Behind::nothing && !reader.rest().empty()) {
    account_.lose(request, Loss::wrong_answer, "bytes after the end of the answer");
    return false;
  }
  ++answers_on_connection_;
  account_.answer(request, reader.response());
  return true;
}

void Client::lose_connection(Loss loss, const std::string& detail) {
  account_.lose_connection(loss, detail);
  loss_is_entered_ = true;
}

void Client::obey_close(const Request& request) {
  if (options_.expect_kept && !request.asks_to_close) {
    lose_connection(Loss::told_to_close, "told to close a connection that was to be kept");
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

// Waits as long as `size` bytes take at the wanted rate. The clock starts anew for each piece: slow
// is not dead.
asio::awaitable<void> Client::read_slowly(std::size_t size) {
  const std::chrono::duration<double> time(static_cast<double>(size) /
                                           static_cast<double>(options_.read_rate));
  co_await pause(std::chrono::duration_cast<Clock::duration>(time));
  start_clock(options_.timeout);
}

// A server that closes now has not lost a request, but it has lost a connection. The end of a pause
// has a timer of its own: the sweep of the deadlines would end the pauses of all clients together,
// and what they measure then is how they stand in each other's way.
asio::awaitable<void> Client::think() {
  thinking_ = true;
  start_clock(options_.think_time);
  asio::steady_timer end(co_await asio::this_coro::executor, options_.think_time);
  end.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) enforce(Clock::now());
  });
  const int quiet = co_await connection_.wait_readable();
  thinking_ = false;
  if (quiet == ETIMEDOUT) co_return;
  std::string bytes;
  Outgoing nothing;
  const int error = co_await connection_.receive(&bytes, &nothing);
  lose_connection(Loss::closed_while_idle, error != 0      ? text_of(error) + " while idle"
                                           : bytes.empty() ? "closed while idle"
                                                           : "bytes that nobody had asked for");
  connection_.close();
}

}  // namespace baton::torture
