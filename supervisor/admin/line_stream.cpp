#include "supervisor/admin/line_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace baton::admin {

LineStream::LineStream(const boost::asio::any_io_executor& executor)
    : wake_(executor, boost::asio::steady_timer::time_point::max()) {}

void LineStream::push(const std::string& line) {
  if (state_ == State::closed) return;
  if (pending_.size() + line.size() > max_pending_bytes) {
    pending_ += R"({"error":"this client reads too slowly; the rest of the stream is lost"})"
                "\n";
    close();
    return;
  }
  pending_ += line + "\n";
  wake_.cancel();
}

void LineStream::close() {
  state_ = State::closed;
  wake_.cancel();
}

void LineStream::keep(std::unique_ptr<Subscription> subscription) {
  subscriptions_.push_back(std::move(subscription));
}

boost::asio::awaitable<std::string> LineStream::take() {
  while (pending_.empty() && state_ == State::open) {
    boost::system::error_code woken;
    co_await wake_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }
  co_return std::exchange(pending_, {});
}

}  // namespace baton::admin
