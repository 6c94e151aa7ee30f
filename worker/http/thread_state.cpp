#include "worker/http/thread_state.hpp"

namespace baton::http {
namespace {

// How long a connection that we have ended is read on, so that no reset overtakes the response.
constexpr Duration linger_time{1'000};

}  // namespace

ThreadState::ThreadState(Loop& loop_of_thread, asio::thread_pool& thread_pool, const Router& routes,
                         const Settings& engine_settings, Room& room_of_all)
    : loop(loop_of_thread),
      pool(thread_pool),
      router(routes),
      settings(engine_settings),
      room(room_of_all),
      identity_line(settings.identity.empty() ? "" : "X-Worker: " + settings.identity + "\r\n"),
      header_deadlines(loop, settings.timeouts.read_header),
      read_deadlines(loop, settings.timeouts.read),
      write_deadlines(loop, settings.timeouts.write),
      idle_deadlines(loop, settings.timeouts.idle),
      linger_deadlines(loop, linger_time),
      workspaces(settings.limits) {}

}  // namespace baton::http
