#include "supervisor/runtime/health_probe.hpp"

#include "supervisor/log/printable.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <utility>

namespace baton::runtime {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint32_t most_header_bytes = 8 * 1024;
constexpr std::size_t most_quoted_bytes = 200;

std::string first_line(std::string_view body) {
  return log::printable(body.substr(0, body.find_first_of("\r\n")));
}

}  // namespace

class HealthProbe::Question : public std::enable_shared_from_this<Question> {
 public:
  Question(asio::io_context& io, const config::HealthProbe& wanted, Answered answered)
      : socket_(io), deadline_(io), wanted_(wanted), answered_(std::move(answered)) {
    response_.header_limit(most_header_bytes);
    response_.body_limit(boost::none);  // nothing is kept of it but its beginning
    request_ = {http::verb::get, wanted_.path, 11};
    request_.set(http::field::host, "baton");
    request_.set(http::field::user_agent, "baton-probe");
    request_.keep_alive(false);
  }

  void ask(const std::string& path) {
    deadline_.expires_after(wanted_.timeout);
    deadline_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
      if (!ec) self->finish("was not answered within " + format_duration(self->wanted_.timeout));
    });
    socket_.async_connect(path, [self = shared_from_this()](boost::system::error_code ec) {
      if (ec) return self->finish("could not be asked: " + ec.message());
      self->send();
    });
  }

  void take_back() {
    answered_ = nullptr;
    close();
  }

 private:
  void send() {
    http::async_write(socket_, request_,
                      [self = shared_from_this()](boost::system::error_code ec, std::size_t) {
                        if (ec) return self->finish("could not be asked: " + ec.message());
                        self->receive_header();
                      });
  }

  void receive_header() {
    http::async_read_header(socket_, buffer_, response_,
                            [self = shared_from_this()](boost::system::error_code ec, std::size_t) {
                              ec ? self->finish(why(ec)) : self->judge();
                            });
  }

  void judge() {
    if (response_.get().result_int() == wanted_.status) return finish({});
    response_.is_done() ? refuse() : receive_body();
  }

  // As much as is worth quoting, of what has come with the header or comes next.
  void receive_body() {
    response_.get().body().data = body_.data();
    response_.get().body().size = body_.size();
    http::async_read_some(
        socket_, buffer_, response_,
        [self = shared_from_this()](boost::system::error_code, std::size_t) { self->refuse(); });
  }

  void refuse() {
    const auto* const end = static_cast<const char*>(response_.get().body().data);
    const auto size = end ? static_cast<std::size_t>(end - body_.data()) : 0;
    const std::string line = first_line({body_.data(), size});
    finish("answered " + std::to_string(response_.get().result_int()) + ", not " +
           std::to_string(wanted_.status) + (line.empty() ? "" : ": " + line));
  }

  static std::string why(boost::system::error_code ec) {
    if (ec == http::error::end_of_stream || ec == http::error::partial_message ||
        ec == asio::error::connection_reset) {
      return "closed the connection without an answer";
    }
    return ec.category() == http::make_error_code(http::error::bad_version).category()
               ? "answered something that is not HTTP (" + ec.message() + ")"
               : "could not be heard: " + ec.message();
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
    boost::system::error_code ignored;
    socket_.close(ignored);
    deadline_.cancel();
  }

  asio::local::stream_protocol::socket socket_;
  asio::steady_timer deadline_;
  const config::HealthProbe wanted_;
  Answered answered_;
  http::request<http::empty_body> request_;
  http::response_parser<http::buffer_body> response_;
  boost::beast::flat_buffer buffer_{2 * most_header_bytes};
  std::array<char, most_quoted_bytes> body_{};
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
