// Makes listening sockets. The supervisor's listener set and a worker that runs alone bind here;
// nothing else in Baton calls bind(2) for a service.
#pragma once

#include "common/net/address.hpp"
#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace baton::net {

// The same as listen_on(), but does not listen yet.
Result<UniqueFd> bind_to(const Address& address);

// A bound, listening, non-blocking, close-on-exec stream socket. TCP gets SO_REUSEADDR; V6 sockets
// are IPV6_V6ONLY, so that 0.0.0.0:80 and [::]:80 can stand side by side. A Unix path that is a
// socket nobody listens on any more is replaced; any other existing file is an error, and nothing
// is removed. Errors name the address and the cause.
Result<UniqueFd> listen_on(const Address& address, int backlog);

// The address that a listening socket is bound to (with the port the kernel picked for port 0).
Result<Address> local_address(const UniqueFd& socket);

}  // namespace baton::net
