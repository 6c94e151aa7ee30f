// A claim: something that two processes hold an end of, and one of them gets: the first that asks.
// An eventfd(2) of value 1, which read(2) takes atomically; it rides on a message like any fd.
// Stateless functions on a borrowed fd, for any thread.
#pragma once

#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace baton::ipc {

// Close-on-exec and non-blocking. Fails when there is no fd left.
Result<UniqueFd> make_claim();

// Whether it is ours now, and can't be anybody else's any more. Asked a second time, or of an fd
// that is no claim: false. Never blocks, whatever a peer has sent.
bool take_claim(const UniqueFd& claim);

}  // namespace baton::ipc
