// A worker's life, from warm to gone: told by a supervisor through the SDK, or by signals when it
// runs alone. Runs on the calling thread, which is the engine's first io thread: between a client's
// connection and the supervisor's word there is no other thread to wait for.
//
//   SIGTERM, SIGINT: finish what is in flight, then exit; in a drain: cut what is left, then exit
#pragma once

#include "common/duration.hpp"
#include "worker/http/server.hpp"

namespace baton::sdk {
class Worker;
}

namespace baton::worker {

// Both serve until the worker is to exit and everything has ended, and say what its last drain came
// to. Throw Failure if it cannot accept connections.

http::DrainReport run_alone(http::Server& server, Duration shutdown_timeout);

// The listeners must have been taken from `baton` before.
http::DrainReport run_supervised(http::Server& server, sdk::Worker& baton,
                                 Duration shutdown_timeout);

}  // namespace baton::worker
