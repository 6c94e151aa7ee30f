// One client: sends the requests that the account gives it, in one of the modes, until there are no
// more. Its failures are entries in the account, never exceptions. Used by one thread.
#pragma once

#include "tests/torture/account.hpp"
#include "tests/torture/connection.hpp"
#include "tests/torture/response_reader.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <string>

namespace baton::torture {

class Client {
 public:
  Client(boost::asio::any_io_executor executor, const Options& options, Account& account);

  boost::asio::awaitable<void> run();
  // Makes deadlines happen, and ends a thinking pause when the run is over.
  void enforce(Connection::TimePoint now);

 private:
  // What may come behind an answer.
  enum class Behind { nothing, answers };

  boost::asio::awaitable<void> run_fresh();
  boost::asio::awaitable<void> run_keep_alive();
  boost::asio::awaitable<void> run_slow_body();

  boost::asio::awaitable<bool> connect(const Request& request);
  // Sends `out`, reads the answer, judges it, and leaves the connection open only if it can be used
  // again. Give it a named Outgoing: GCC 12 destroys a braced temporary in a co_await twice.
  boost::asio::awaitable<void> finish(const Request& request, Outgoing out);
  // Feeds `bytes`, and then what comes, until the answer is whole or will never be.
  boost::asio::awaitable<int> read_answer(ResponseReader& reader, std::string& bytes,
                                          Outgoing& out);
  // Enters what has become of a request. False when its connection can't be used again.
  bool conclude(const Request& request, const ResponseReader& reader, int error, Behind behind);
  void lose_connection(Loss loss, const std::string& detail);
  void obey_close(const Request& request);
  boost::asio::awaitable<int> trickle(const Request& request);
  boost::asio::awaitable<void> read_slowly(std::size_t size);
  boost::asio::awaitable<void> think();
  boost::asio::awaitable<void> pause(Clock::duration duration);
  void start_clock(std::chrono::milliseconds limit);

  // client_pipelined.cpp
  struct Pipeline {
    std::deque<Request> owed;  // in the order in which they are to be answered
    Outgoing out;              // what of them is not sent yet
  };

  boost::asio::awaitable<void> run_pipelined();
  void top_up(Pipeline& line);
  boost::asio::awaitable<void> converse(Pipeline& line);
  void lose_all(std::deque<Request>& owed, const ResponseReader& reader, int error);

  const Options& options_;
  Account& account_;
  Connection connection_;
  std::uint64_t connections_ = 0;
  std::uint64_t answers_on_connection_ = 0;
  bool loss_is_entered_ = false;  // of the connection: it is in the books under its own name
  bool thinking_ = false;
};

}  // namespace baton::torture
