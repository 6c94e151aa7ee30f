#include "supervisor/runtime/conversation.hpp"

#include <variant>

namespace baton::runtime {
namespace {

Error out_of_order(std::string message) {
  return {Errc::invalid_input, std::move(message)};
}

}  // namespace

void Conversation::said(const protocol::FromSupervisor& message) {
  if (std::holds_alternative<protocol::Listeners>(message)) listeners_sent_ = true;
  if (std::holds_alternative<protocol::Activate>(message)) ++activations_;
  if (std::holds_alternative<protocol::Drain>(message)) ++drains_;
}

Result<void> Conversation::hear(const protocol::FromWorker& message) {
  if (!greeted_ && !std::holds_alternative<protocol::Hello>(message) &&
      !std::holds_alternative<protocol::Failed>(message)) {
    return out_of_order("it spoke before it said hello");
  }
  return std::visit([this](const auto& heard) { return judge(heard); }, message);
}

Result<void> Conversation::judge(const protocol::Hello&) {
  if (greeted_) return out_of_order("it said hello twice");
  greeted_ = true;
  return {};
}

Result<void> Conversation::judge(const protocol::Ready&) {
  if (!listeners_sent_) return out_of_order("it said ready before it had its listeners");
  if (ready_) return out_of_order("it said ready twice");
  ready_ = true;
  return {};
}

Result<void> Conversation::judge(const protocol::Accepting&) {
  if (activations_ == 0) return out_of_order("it said accepting without having been told to");
  --activations_;
  return {};
}

Result<void> Conversation::judge(const protocol::Progress&) {
  return {};
}

Result<void> Conversation::judge(const protocol::Drained&) {
  if (drains_ == 0) return out_of_order("it said drained without having been told to drain");
  --drains_;
  return {};
}

Result<void> Conversation::judge(const protocol::Failed&) {
  return {};
}

}  // namespace baton::runtime
