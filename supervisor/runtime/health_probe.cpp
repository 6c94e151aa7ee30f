#include "supervisor/runtime/health_probe.hpp"

#include "common/unique_fd.hpp"
#include "supervisor/log/printable.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace baton::runtime {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Socket = asio::local::stream_protocol::socket;

constexpr std::uint32_t most_header_bytes = 8 * 1024;
constexpr std::size_t most_body_bytes = 4 * 1024;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

// At once: a Unix socket has nothing to wait for. (Asio would wait when the listener's queue is
// full, and take the end of that wait for a connection; and its sockets are not close-on-exec.)
error_code connect(Socket& socket, const std::string& path) {
  const asio::local::stream_protocol::endpoint listener(path);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return last_error();
  const auto size = static_cast<socklen_t>(listener.size());
  if (::connect(fd.get(), listener.data(), size) != 0) return last_error();
  error_code error;
  socket.assign({}, fd.get(), error);
  if (!error) static_cast<void>(fd.release());
  return error;
}

std::string why_not_asked(error_code error) {
  if (error == asio::error::would_block) {
    return "could not be asked: the worker has not even accepted the questions before";
  }
  return "could not be asked: " + error.message();
}

bool is_end(error_code error) {
  return error == http::error::end_of_stream || error == http::error::partial_message ||
         error == asio::error::connection_reset || error == asio::error::broken_pipe;
}

enum class Come { nothing, a_part };

std::string why_incomplete(error_code error, Come come) {
  if (is_end(error)) {
    return "closed the connection " +
           std::string(come == Come::nothing ? "without an answer" : "in the middle of its answer");
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return "answered with a header of more than 8 KiB";
  }
  return error.category() == http::make_error_code(http::error::bad_version).category()
             ? "answered something that is not HTTP (" + error.message() + ")"
             : "could not be heard: " + error.message();
}

std::string first_line(std::string_view body) {
  const std::string_view line = body.substr(0, body.find_first_of("\r\n"));
  return log::printable(line.substr(0, log::most_quoted_bytes));
}

}  // namespace

class HealthProbe::Question : public std::enable_shared_from_this<Question> {
 public:
  Question(asio::io_context& io, const config::HealthProbe& wanted, Answered answered)
      : io_(io),
        socket_(io),
        deadline_(io),
        wanted_(wanted),
        answered_(std::move(answered)),
        request_(http::verb::get, wanted_.path, 11) {
    request_.set(http::field::host, "baton");
    request_.set(http::field::user_agent, "baton-probe");
    request_.keep_alive(false);
    response_.header_limit(most_header_bytes);
    response_.body_limit(boost::none);  // what is longer than our buffer is not read
    response_.get().body().data = body_.data();
    response_.get().body().size = body_.size();
  }

  void ask(const std::string& path) {
    if (const error_code error = connect(socket_, path)) {
      const auto tell = [self = shared_from_this(), error] { self->finish(why_not_asked(error)); };
      return asio::post(io_, tell);
    }
    deadline_.expires_after(wanted_.timeout);
    deadline_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->judge(asio::error::timed_out);
    });
    http::async_write(socket_, request_,
                      [self = shared_from_this()](error_code error, std::size_t) {
                        // Who refuses a request unread may have answered it nevertheless.
                        error && !is_end(error) ? self->judge(error) : self->read();
                      });
  }

  void take_back() {
    answered_ = nullptr;
    close();
  }

 private:
  void read() {
    http::async_read(socket_, buffer_, response_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       self->judge(error == http::error::need_buffer ? error_code{} : error);
                     });
  }

  // `error`: why no more of the answer comes; none when there is enough of it.
  void judge(error_code error) {
    const auto status = response_.get().result_int();
    if (response_.is_header_done() && status != wanted_.status) return finish(wrong_status(status));
    if (error == asio::error::timed_out) {
      const std::string part = response_.is_header_done() ? "to its end " : "";
      return finish("was not answered " + part + "within " + format_duration(wanted_.timeout));
    }
    finish(error ? why_incomplete(error, response_.got_some() ? Come::a_part : Come::nothing) : "");
  }

  std::string wrong_status(unsigned status) const {
    const std::size_t size = body_.size() - response_.get().body().size;
    const std::string line = first_line({body_.data(), size});
    return "answered " + std::to_string(status) + ", not " + std::to_string(wanted_.status) +
           (line.empty() ? "" : ": " + line);
  }

  // `trouble` continues "GET /path ..."; empty: it passed.
  void finish(const std::string& trouble) {
    close();
    if (const auto answered = std::exchange(answered_, nullptr)) {
      answered(trouble.empty() ? std::nullopt
                               : std::optional("GET " + wanted_.path + " " + trouble));
    }
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    deadline_.cancel();
  }

  asio::io_context& io_;
  Socket socket_;
  asio::steady_timer deadline_;
  const config::HealthProbe wanted_;
  Answered answered_;
  http::request<http::empty_body> request_;
  http::response_parser<http::buffer_body> response_;
  boost::beast::flat_buffer buffer_{most_header_bytes + most_body_bytes};
  std::array<char, most_body_bytes> body_{};
};

HealthProbe::HealthProbe(asio::io_context& io, const std::string& socket_path,
                         const config::HealthProbe& wanted, Answered answered)
    : question_(std::make_shared<Question>(io, wanted, std::move(answered))) {
  question_->ask(socket_path);
}

HealthProbe::~HealthProbe() {
  question_->take_back();
}

}  // namespace baton::runtime
