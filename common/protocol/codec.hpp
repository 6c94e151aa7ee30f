// The wire form of the worker protocol: one JSON object a message, {"type": "hello", ...}. Pure:
// bytes to values and back. Unknown keys are ignored, so that a newer peer can say more; a missing
// key, a wrong type, a number out of range or an unknown message type is Errc::invalid_input with
// the message type and the key named. Never throws on any input.
#pragma once

#include "common/protocol/messages.hpp"
#include "common/result.hpp"

#include <string>
#include <string_view>

namespace baton::protocol {

std::string encode(const FromWorker& message);
std::string encode(const FromSupervisor& message);

Result<FromWorker> decode_from_worker(std::string_view bytes);
Result<FromSupervisor> decode_from_supervisor(std::string_view bytes);

// The highest version that both sides speak, or Errc::invalid_input that names what each speaks.
Result<int> negotiate(const Hello& hello);

}  // namespace baton::protocol
