#include "worker/http/thread_state.hpp"

namespace baton::http {
namespace {

// How long a connection that we have ended is read on, so that no reset overtakes the response.
constexpr Duration linger_time{1'000};

}  // namespace

ThreadState::ThreadState(asio::io_context& io_context, asio::thread_pool& thread_pool,
                         const Router& routes, const Settings& engine_settings, Room& room_of_all)
    : io(io_context),
      pool(thread_pool),
      router(routes),
      settings(engine_settings),
      room(room_of_all),
      identity_line(settings.identity.empty() ? "" : "X-Worker: " + settings.identity + "\r\n"),
      sockets(io),
      header_deadlines(io, settings.timeouts.read_header),
      read_deadlines(io, settings.timeouts.read),
      write_deadlines(io, settings.timeouts.write),
      idle_deadlines(io, settings.timeouts.idle),
      linger_deadlines(io, linger_time),
      workspaces(settings.limits) {}

}  // namespace baton::http
