// The books of a torture run: each request is entered once when it is begun and once when it is
// answered or lost. Used by one thread; `Live` is what other threads may read meanwhile.
#pragma once

#include "tests/torture/options.hpp"
#include "tests/torture/report.hpp"
#include "tests/torture/response_reader.hpp"

#include <atomic>
#include <optional>
#include <string>

namespace baton::torture {

// Shared between a run and whoever watches it.
struct Live {
  std::atomic<bool> stop{false};  // set it to end the run; requests under way are finished first
  std::atomic<std::uint64_t> begun{0};
  std::atomic<std::uint64_t> connections{0};  // opened so far
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::uint64_t> newest_generation{0};
};

struct Request {
  std::uint64_t serial = 0;
  int expected_status = 200;
  std::string name;  // of the item to create; empty for a GET
  std::string head;  // the request line and the fields, with the empty line that ends them
  std::string body;
  bool asks_to_close = false;
  std::string id;  // X-Request-Id, which tells answers apart; empty: none is sent
  Clock::time_point begun;
};

class Account {
 public:
  Account(const Options& options, Live& live);

  // The next request, or nothing when the run is over.
  std::optional<Request> begin_request();
  bool is_over() const;

  // `number`: how many the same client has opened so far.
  void connection_opened(std::uint64_t number);
  // Judges a whole response: the request is answered, or lost to a wrong answer.
  void answer(const Request& request, const Response& response);
  void lose(const Request& request, Loss loss, const std::string& detail);
  void lose_connection(Loss loss, const std::string& detail);
  // Requests that a server has not answered before it closed, as it had said it would: they may be
  // sent once more (RFC 9112, 9.6), and are not begun again.
  void send_again(std::size_t count) { report_.sent_again += count; }

  // Closes the books.
  Report finish();

 private:
  Request make_request(std::uint64_t serial) const;
  bool is_another_answer(const Request& request, const Response& response) const;
  bool acknowledge(const Request& request, const Response& response);
  void count_loss(Loss loss, const std::string& sentence);
  void see_generation(const Response& response, Clock::time_point now);

  const Options options_;
  Live& live_;
  Report report_;
  Clock::time_point last_answer_;
};

}  // namespace baton::torture
