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
  boost::asio::awaitable<void> run_fresh();
  boost::asio::awaitable<void> run_keep_alive();
  boost::asio::awaitable<void> run_pipelined();
  boost::asio::awaitable<void> run_slow_body();
  boost::asio::awaitable<void> run_slow_read();

  boost::asio::awaitable<bool> connect(const Request& request);
  // Reads the answer, judges it, and leaves the connection open only if it can be used again.
  boost::asio::awaitable<void> finish(const Request& request, int send_error);
  boost::asio::awaitable<int> read_answer(ResponseReader& reader, std::string& bytes,
                                          int send_error);
  // The answers to all of them, in their order. Those that are left may be sent again.
  boost::asio::awaitable<void> finish_pipeline(std::deque<Request>& owed, int send_error);
  bool conclude(const Request& request, const ResponseReader& reader, int error);
  void obey_close(const Request& request);
  boost::asio::awaitable<int> trickle(const Request& request);
  boost::asio::awaitable<void> think();
  void start_clock(std::chrono::milliseconds limit);

  const Options& options_;
  Account& account_;
  Connection connection_;
  std::uint64_t answers_on_connection_ = 0;
  bool thinking_ = false;
};

}  // namespace baton::torture
