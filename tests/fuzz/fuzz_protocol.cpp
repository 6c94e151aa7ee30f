// Any bytes are either a message or an error; and a message that was read survives the way back.
#include "common/protocol/codec.hpp"
#include "common/protocol/handover.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

template <class Message>
void check(const baton::Result<Message>& message,
           baton::Result<Message> (*decode)(std::string_view)) {
  if (!message) {
    if (message.error().message.empty()) std::abort();
    return;
  }
  const auto again = decode(baton::protocol::encode(*message));
  if (!again || !(*again == *message)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace protocol = baton::protocol;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(protocol::decode_from_worker(bytes), &protocol::decode_from_worker);
  check(protocol::decode_from_supervisor(bytes), &protocol::decode_from_supervisor);
  check(protocol::decode_connections(bytes), &protocol::decode_connections);
  check(protocol::decode_taken(bytes), &protocol::decode_taken);
  return 0;
}
