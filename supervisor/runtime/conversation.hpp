// Who may say what when, on one worker's channel: the order of common/protocol/messages.hpp. Pure:
// it knows what was said, and judges what is heard.
#pragma once

#include "common/protocol/messages.hpp"
#include "common/result.hpp"

namespace baton::runtime {

class Conversation {
 public:
  void said(const protocol::FromSupervisor& message);

  // Errc::invalid_input: one sentence about what is out of order.
  Result<void> hear(const protocol::FromWorker& message);

  bool greeted() const { return greeted_; }

 private:
  Result<void> judge(const protocol::Hello&);
  Result<void> judge(const protocol::Ready&);
  Result<void> judge(const protocol::Accepting&);
  Result<void> judge(const protocol::Progress&);
  Result<void> judge(const protocol::Drained&);
  Result<void> judge(const protocol::Failed&);

  bool greeted_ = false;
  bool listeners_sent_ = false;
  bool ready_ = false;
  // Each is owed one acknowledgement. A worker that was told to drain before it could begin to
  // accept may leave the older one out.
  unsigned activations_ = 0;
  unsigned drains_ = 0;
};

}  // namespace baton::runtime
