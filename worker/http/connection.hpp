// One client's connection: reads a request, has it answered, writes the response, and so on until
// one side has had enough. One coroutine, which owns the connection; everything happens on the
// thread of its loop, but for handlers that run on the pool.
//
// Idle, it holds an fd, a place in a deadline queue and nothing else: it waits until something can
// be read, and only then takes a workspace to read into. Nothing of a failure leaves it: what can
// be answered is answered, the rest closes the connection.
//
// Between two requests it can be handed over. It gives its socket away and waits, and either it is
// taken, and this ends, or it gets the socket back and goes on.
#pragma once

#include "common/live_connection.hpp"
#include "worker/http/asio_types.hpp"
#include "worker/http/ready_socket.hpp"
#include "worker/http/thread_state.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

namespace baton::http {

class Connection : public std::enable_shared_from_this<Connection>,
                   public Expiring,
                   public ConnectionListHook {
 public:
  // The socket is non-blocking, and this process's alone.
  // Both throw boost::system::system_error when the kernel has no room for the socket.
  Connection(ThreadState& thread, UniqueFd fresh);
  // Begun by another process, which may still have it open.
  Connection(ThreadState& thread, LiveConnection begun);
  ~Connection() override;

  // Serves until the end; keeps itself alive meanwhile.
  void start();

  // The drain's deadline has come: ends it, whatever it is doing.
  void cut();
  // A request has begun to come in, and its response has not wholly gone out.
  bool in_flight() const { return in_flight_; }
  // It has been given away, and whether it is taken is not known yet.
  bool given() const { return settlement_ != nullptr; }
  // Idle, with a place in the Room: it is to hand itself over.
  void leave();
  bool leaving() const { return leaving_; }

 private:
  enum class Received { something, nothing_yet, end };
  enum class Sent { all, part, failed };

  class Settlement;

  Awaitable<void> serve();
  bool may_leave();
  Awaitable<bool> hand_over();
  LiveConnection part_with_socket();
  Awaitable<bool> read_rest();
  Awaitable<bool> write_rest();
  Awaitable<void> linger();
  Awaitable<void> call_on_pool(const Route& route);
  // False: a deadline has passed (expired_), or the connection was cut.
  Awaitable<bool> wait(ReadySocket::Until until);

  Received receive();
  bool send_continue();
  bool discard_input();
  // The route whose handler is still to run on the pool; null if the response is there.
  const Route* answer_now();
  void call(const Route& route);
  void watch_client();
  void look_at_client();
  void compose();
  Sent send_some();
  void end_request();
  void leave_flight();
  void expired() override;

  ThreadState& thread_;
  ReadySocket socket_;
  std::unique_ptr<Workspace> workspace_;
  RequestReader::State state_ = RequestReader::State::header;
  std::size_t sent_ = 0;        // of head and body together
  std::string_view body_;       // of the response, where it is not behind the head
  std::stop_source stop_;       // of the handler that runs on the pool
  std::uint64_t requests_ = 0;  // answered, by whoever had the connection
  Clock::time_point idle_since_;
  Settlement* settlement_ = nullptr;  // that is waited for
  bool in_flight_ = false;
  bool leaving_ = false;  // has a place in the Room
  bool expired_ = false;  // the last wait has ended with its deadline
  bool cut_ = false;
  bool close_ = false;   // after this response
  bool linger_ = false;  // because the client may not know yet
};

}  // namespace baton::http
