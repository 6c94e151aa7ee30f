#include "supervisor/ctl/client.hpp"

#include "common/unique_fd.hpp"

#include <httplib.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace baton::ctl {
namespace {

constexpr auto answer_timeout = std::chrono::seconds{15};
constexpr auto stream_timeout = std::chrono::hours{24 * 365};

// The HTTP library does not say why it could not connect; the operator wants to know.
std::optional<Error> why_unreachable(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{Errc::closed, "the socket path " + path + " is longer than 107 bytes"};
  }
  path.copy(address.sun_path, path.size());
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe) return system_error("socket", errno);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return std::nullopt;
  }
  if (errno == EACCES || errno == EPERM) return system_error("cannot use " + path, errno);
  return Error{Errc::closed, "no supervisor answers on " + path + " (" +
                                 std::generic_category().message(errno) +
                                 "); is batond running? --socket names another one"};
}

// The supervisor's own sentence, if its answer holds one.
Error error_of(int status, const std::string& body) {
  const Errc code = status == 403                    ? Errc::not_permitted
                    : status == 404                  ? Errc::not_found
                    : status == 503                  ? Errc::busy
                    : status == 400 || status == 422 ? Errc::invalid_input
                                                     : Errc::system;
  Json json;
  if (admin::parse_document(body, json)) {
    const Json message = json.value("/error/message"_json_pointer, Json());
    if (message.is_string()) return {code, message.get<std::string>()};
  }
  return {code, "the supervisor answered with HTTP status " + std::to_string(status)};
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(std::string path) : path_(std::move(path)), http_(path_) {
    http_.set_address_family(AF_UNIX);
    http_.set_connection_timeout(answer_timeout);
    http_.set_write_timeout(answer_timeout);
  }

  std::optional<Error> ask(const httplib::Request& request, Json& answer) {
    http_.set_read_timeout(answer_timeout);
    const httplib::Result result = http_.send(request);
    if (!result) return broken(result.error());
    if (result->status != 200) return error_of(result->status, result->body);
    return parse(result->body, answer);
  }

  std::optional<Error> stream(httplib::Request request, const OnLine& on_line) {
    int status = 0;
    std::string pending;
    std::optional<Error> bad_line;
    Next next = Next::more;
    request.response_handler = [&](const httplib::Response& response) {
      status = response.status;
      return !stopped_;
    };
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t,
                                   std::uint64_t) {
      pending.append(data, size);
      if (status == 200) next = deliver(pending, on_line, bad_line);
      return next == Next::more && !stopped_;
    };
    http_.set_read_timeout(stream_timeout);
    const httplib::Result result = http_.send(request);
    if (bad_line) return bad_line;
    if (next == Next::enough || stopped_) return std::nullopt;
    if (!result) return broken(result.error());
    if (status != 200) return error_of(status, pending);
    return std::nullopt;
  }

  void stop() {
    stopped_ = true;
    http_.stop();
  }

  const std::string& path() const { return path_; }

 private:
  static std::optional<Error> parse(std::string_view text, Json& document) {
    if (const auto parsed = admin::parse_document(text, document); !parsed) {
      return Error{Errc::system,
                   "the supervisor's answer is unreadable: " + parsed.error().message};
    }
    return std::nullopt;
  }

  // Hands on the whole lines, and keeps the rest.
  static Next deliver(std::string& pending, const OnLine& on_line, std::optional<Error>& bad_line) {
    std::size_t begin = 0;
    Next next = Next::more;
    while (next == Next::more) {
      const std::size_t end = pending.find('\n', begin);
      if (end == pending.npos) break;
      Json line;
      bad_line = parse(std::string_view(pending).substr(begin, end - begin), line);
      begin = end + 1;
      next = bad_line ? Next::enough : on_line(line);
    }
    pending.erase(0, begin);
    return next;
  }

  Error broken(httplib::Error error) const {
    if (error == httplib::Error::Connection) {
      if (auto why = why_unreachable(path_)) return *why;
    }
    return {Errc::closed, "the supervisor on " + path_ + " ended or did not answer (" +
                              httplib::to_string(error) + ")"};
  }

  std::string path_;
  httplib::Client http_;
  std::atomic<bool> stopped_ = false;
};

namespace {

httplib::Request request_of(const char* method, const std::string& path) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.headers.emplace("Host", "batond");
  return request;
}

httplib::Request request_of(const char* method, const std::string& path, const Json& body) {
  httplib::Request request = request_of(method, path);
  request.body = admin::dump(body);
  request.headers.emplace("Content-Type", "application/json");
  return request;
}

}  // namespace

Client::Client(std::string socket_path) : impl_(std::make_unique<Impl>(std::move(socket_path))) {}
Client::~Client() = default;

std::optional<Error> Client::get(const std::string& path, Json& answer) {
  return impl_->ask(request_of("GET", path), answer);
}

std::optional<Error> Client::post(const std::string& path, const Json& body, Json& answer) {
  return impl_->ask(request_of("POST", path, body), answer);
}

std::optional<Error> Client::stream_get(const std::string& path, const OnLine& on_line) {
  return impl_->stream(request_of("GET", path), on_line);
}

std::optional<Error> Client::stream_post(const std::string& path, const Json& body,
                                         const OnLine& on_line) {
  return impl_->stream(request_of("POST", path, body), on_line);
}

void Client::stop() {
  impl_->stop();
}

const std::string& Client::socket_path() const {
  return impl_->path();
}

}  // namespace baton::ctl
