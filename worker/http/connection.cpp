#include "worker/http/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <utility>

namespace baton::http {
namespace {

constexpr auto use_awaitable = asio::use_awaitable_t<Executor>{};
// A body up to here is copied behind its head: to send one piece costs less than to send two.
constexpr std::size_t most_copied = std::size_t{4} * 1024;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

bool is_incomplete(RequestReader::State state) {
  return state == RequestReader::State::header || state == RequestReader::State::body;
}

bool would_block(int error_number) {
  return error_number == EAGAIN || error_number == EINTR;
}

}  // namespace

// What hand_over() waits for.
class Connection::Settlement {
 public:
  explicit Settlement(Loop& loop) : loop_(loop) {}

  // Until it is settled, or nobody cares any more.
  Awaitable<void> wait() {
    return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        [this](Waiter waiter) {
          if (over_) return loop_.post(std::move(waiter));
          waiter_.emplace(std::move(waiter));
        },
        use_awaitable);
  }
  void settle(std::optional<LiveConnection> kept) {
    kept_ = std::move(kept);
    give_up();
  }
  void give_up() {
    over_ = true;
    if (!waiter_) return;
    loop_.post(std::move(*waiter_));
    waiter_.reset();
  }
  std::optional<LiveConnection>& kept() { return kept_; }

 private:
  using Waiter = asio::async_result<asio::use_awaitable_t<Executor>, void()>::handler_type;

  Loop& loop_;
  bool over_ = false;
  std::optional<Waiter> waiter_;
  std::optional<LiveConnection> kept_;
};

Connection::Connection(ThreadState& thread, UniqueFd fresh)
    : thread_(thread),
      socket_(thread.loop),
      stop_(std::nostopstate),
      idle_since_(thread.loop.now()) {
  socket_.assign(std::move(fresh), ReadySocket::Owners::one);
  thread_.counters.connections.add(1);
}

Connection::Connection(ThreadState& thread, LiveConnection begun)
    : thread_(thread),
      socket_(thread.loop),
      stop_(std::nostopstate),
      requests_(begun.requests),
      idle_since_(thread.loop.now()) {
  socket_.assign(std::move(begun.socket), ReadySocket::Owners::several);
  thread_.counters.connections.add(1);
  const Duration whole = thread_.settings.timeouts.idle;
  idle_since_ -= whole - std::clamp(begun.idle_left, Duration{0}, whole);
  if (begun.received.empty()) return;
  workspace_ = thread_.workspaces.take();
  workspace_->reader.preload(begun.received);
}

Connection::~Connection() {
  leave_flight();
  if (workspace_) thread_.workspaces.give_back(std::move(workspace_));
  socket_.close();
  thread_.counters.connections.add(-1);
  if (ConnectionListHook::is_linked()) ConnectionListHook::unlink();
  thread_.on_closed();
}

void Connection::start() {
  asio::co_spawn(
      thread_.loop.executor(), [self = shared_from_this()] { return self->serve(); },
      [self = shared_from_this()](const std::exception_ptr& failure) {
        if (!failure) return;
        try {
          std::rethrow_exception(failure);
        } catch (const std::exception& error) {
          self->thread_.settings.log->error("a connection was dropped: {}", error.what());
        }
      });
}

Awaitable<void> Connection::serve() {
  while (!close_) {
    if (may_leave() && co_await hand_over()) co_return;
    if (workspace_) {
      state_ = workspace_->reader.next(workspace_->exchange.request);
    } else {
      thread_.idle_deadlines.join(*this, idle_since_);
      const bool readable = co_await wait(ReadySocket::Until::readable);
      if (leaving_ && !cut_) continue;
      if (!readable) co_return;
      workspace_ = thread_.workspaces.take();
      if (receive() == Received::end) co_return;
    }
    if (!workspace_->reader.idle()) {
      in_flight_ = true;
      thread_.counters.in_flight.add(1);
      if (is_incomplete(state_) && !co_await read_rest()) co_return;
      if (const Route* route = answer_now()) co_await call_on_pool(*route);
      if (cut_) co_return;
      compose();
      if (send_some() != Sent::all && !co_await write_rest()) co_return;
      end_request();
    }
    if (close_ || !workspace_->reader.has_more()) {
      thread_.workspaces.give_back(std::move(workspace_));
    }
  }
  if (linger_) co_await linger();
}

Awaitable<bool> Connection::wait(ReadySocket::Until until) {
  expired_ = false;
  const bool ready = co_await socket_.wait(until);
  leave_queue();
  co_return ready && !cut_;
}

void Connection::expired() {
  expired_ = true;
  socket_.cancel();
}

void Connection::cut() {
  cut_ = true;
  if (settlement_) {  // it may be another's by now
    settlement_->give_up();
    return;
  }
  stop_.request_stop();
  // A handler that does not hear of the stop must not keep the client waiting.
  ::shutdown(socket_.fd(), SHUT_RDWR);
  socket_.cancel();
}

void Connection::end_request() {
  if (workspace_->exchange.response.status >= 500) thread_.counters.errors.add(1);
  thread_.counters.requests.add(1);
  ++requests_;
  idle_since_ = thread_.loop.now();
  workspace_->exchange.clear();
  leave_flight();
}

void Connection::leave_flight() {
  if (std::exchange(in_flight_, false)) thread_.counters.in_flight.add(-1);
}

// ---- handing over

void Connection::leave() {
  leaving_ = true;
  socket_.cancel();
}

bool Connection::may_leave() {
  if (!thread_.give) leaving_ = false;  // the drain was called off meanwhile
  return leaving_ || (thread_.draining == Draining::handing_over && thread_.room.take());
}

// Out of the epoll set first: it would stay in it as long as anybody has the socket open.
LiveConnection Connection::part_with_socket() {
  const auto idle_for = std::chrono::floor<Duration>(thread_.loop.now() - idle_since_);
  return {.socket = socket_.release(),
          .received = workspace_ ? std::string(workspace_->reader.rest()) : std::string(),
          .requests = requests_,
          .idle_left = std::max(Duration{0}, thread_.settings.timeouts.idle - idle_for)};
}

// True: it is another's now, or was cut meanwhile.
Awaitable<bool> Connection::hand_over() {
  leaving_ = false;
  Settlement settlement(thread_.loop);
  settlement_ = &settlement;
  thread_.give(part_with_socket(), [weak = weak_from_this()](std::optional<LiveConnection> kept) {
    if (auto self = weak.lock()) {
      Loop& loop = self->thread_.loop;
      loop.post([self = std::move(self), kept = std::move(kept)]() mutable {
        if (self->settlement_) self->settlement_->settle(std::move(kept));
      });
    }
  });
  co_await settlement.wait();
  settlement_ = nullptr;
  if (!settlement.kept() || cut_) co_return true;
  socket_.assign(std::move(settlement.kept()->socket), ReadySocket::Owners::several);
  co_return false;
}

// ---- reading

Connection::Received Connection::receive() {
  const std::span<char> space = workspace_->reader.space();
  const ssize_t count = socket_.receive(space);
  if (count < 0 && would_block(errno)) return Received::nothing_yet;
  if (count <= 0) return Received::end;
  state_ =
      workspace_->reader.received(static_cast<std::size_t>(count), workspace_->exchange.request);
  return Received::something;
}

Awaitable<bool> Connection::read_rest() {
  const Clock::time_point started = thread_.loop.now();
  bool told_to_continue = false;
  while (is_incomplete(state_)) {
    const bool in_header = state_ == RequestReader::State::header;
    if (!told_to_continue && workspace_->reader.expects_continue()) {
      told_to_continue = true;
      if (!send_continue()) co_return false;
    }
    (in_header ? thread_.header_deadlines : thread_.read_deadlines).join(*this, started);
    if (!co_await wait(ReadySocket::Until::readable)) {
      if (cut_ || !expired_) co_return false;
      state_ = workspace_->reader.refuse(408, in_header ? "the request header did not come in time"
                                                        : "the request body did not come in time");
    } else if (receive() == Received::end) {
      co_return false;
    }
  }
  co_return true;
}

// So early on a connection that the socket's buffer has room for it, or the client is no good.
bool Connection::send_continue() {
  return ::send(socket_.fd(), continue_line.data(), continue_line.size(),
                MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(continue_line.size());
}

// ---- answering

const Route* Connection::answer_now() {
  auto& [request, response] = workspace_->exchange;
  if (state_ == RequestReader::State::refused) {
    const auto [status, message] = workspace_->reader.refusal();
    answer_error(response, status, message);
    return nullptr;
  }
  request.number = requests_ + 1;
  const Route& route = thread_.router.find(request.method, request.path);
  if (route.where == RunOn::pool) return &route;
  call(route);
  return nullptr;
}

// The last wall: middleware answers for what a handler throws, this for what middleware throws.
void Connection::call(const Route& route) {
  Exchange& exchange = workspace_->exchange;
  try {
    return route.handler(exchange);
  } catch (const std::exception& error) {
    thread_.settings.log->error("no middleware has caught: {}", error.what());
  } catch (...) {
    thread_.settings.log->error("no middleware has caught something that is no std::exception");
  }
  answer_error(exchange.response, 500, "the server has failed at this request");
}

Awaitable<void> Connection::call_on_pool(const Route& route) {
  stop_ = std::stop_source();
  workspace_->exchange.request.cancelled = stop_.get_token();
  watch_client();
  const auto run = [this, &route](auto resume) {
    asio::post(thread_.pool, [this, &route, resume = std::move(resume)]() mutable {
      call(route);
      thread_.loop.post(std::move(resume));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(run, use_awaitable);
  stop_ = std::stop_source(std::nostopstate);
  socket_.watch(nullptr);
}

// While the pool works, the only thing that a client can say is that it has gone. Bytes of a next
// request stay where they are, and end the watch: they prove that it was there.
void Connection::watch_client() {
  socket_.watch([this] { look_at_client(); });
}

void Connection::look_at_client() {
  std::array<char, 1> byte;
  const ssize_t count = socket_.receive(byte, MSG_PEEK);
  if (count > 0) return;
  if (count < 0 && would_block(errno)) return watch_client();
  stop_.request_stop();
}

// ---- writing

void Connection::compose() {
  const RequestReader& reader = workspace_->reader;
  const auto& [request, response] = workspace_->exchange;
  const bool refused = state_ == RequestReader::State::refused;
  close_ = refused || !reader.keep_alive() || thread_.draining == Draining::closing;
  linger_ = refused || reader.keep_alive() || reader.has_more();
  const bool has_body = request.method != Method::head && may_have_body(response.status);
  body_ = has_body ? std::string_view(response.body) : std::string_view();
  sent_ = 0;
  workspace_->head.clear();
  append_head(workspace_->head, response,
              close_               ? Persistence::close
              : reader.is_http10() ? Persistence::keep_alive_told
                                   : Persistence::keep_alive,
              thread_.date.now(), thread_.identity_line);
  if (body_.size() > most_copied) return;
  workspace_->head.append(body_);
  body_ = {};
}

Connection::Sent Connection::send_some() {
  const std::string_view head = workspace_->head;
  const std::size_t head_sent = std::min(sent_, head.size());
  const ssize_t count = socket_.send(head.substr(head_sent), body_.substr(sent_ - head_sent));
  if (count < 0) return would_block(errno) ? Sent::part : Sent::failed;
  sent_ += static_cast<std::size_t>(count);
  return sent_ == head.size() + body_.size() ? Sent::all : Sent::part;
}

Awaitable<bool> Connection::write_rest() {
  const Clock::time_point started = thread_.loop.now();
  for (;;) {
    thread_.write_deadlines.join(*this, started);
    if (!co_await wait(ReadySocket::Until::writable)) co_return false;
    const Sent sent = send_some();
    if (sent != Sent::part) co_return sent == Sent::all;
  }
}

// A close with unread bytes would reset the connection, and the reset can overtake the response: so
// the end is announced first, and what still comes is read and dropped for a while.
Awaitable<void> Connection::linger() {
  ::shutdown(socket_.fd(), SHUT_WR);
  const Clock::time_point started = thread_.loop.now();
  while (discard_input()) {
    thread_.linger_deadlines.join(*this, started);
    if (!co_await wait(ReadySocket::Until::readable)) co_return;
  }
}

// False once nothing can come any more.
bool Connection::discard_input() {
  thread_local std::array<char, 16 * 1024> sink;
  const ssize_t count = socket_.receive(sink);
  return count > 0 || (count < 0 && would_block(errno));
}

}  // namespace baton::http
