#include "supervisor/admin/line_stream.hpp"

#include "common/admin/api_json.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace baton::admin {

LineStream::LineStream(const boost::asio::any_io_executor& executor, std::string past)
    : wake_(executor, boost::asio::steady_timer::time_point::max()),
      pending_(std::move(past)),
      past_bytes_(pending_.size()) {}

void LineStream::push(const std::string& line) {
  if (state_ == State::closed) return;
  if (pending_.size() - past_bytes_ + line.size() > max_pending_bytes) {
    const std::string why = "this client reads too slowly; the rest of the stream is lost";
    pending_ += dump(document({{"error", {{"message", why}}}})) + "\n";
    close();
    return;
  }
  pending_ += line + "\n";
  wake_.cancel();
}

void LineStream::prepend(const std::string& line) {
  pending_.insert(0, line + "\n");
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
  past_bytes_ = 0;
  co_return std::exchange(pending_, {});
}

}  // namespace baton::admin
