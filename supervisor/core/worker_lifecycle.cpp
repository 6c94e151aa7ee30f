#include "supervisor/core/worker_lifecycle.hpp"

#include <array>

namespace baton::core {
namespace {

using Row = std::array<WorkerTransition, worker_input_count>;

// Short names, so that the table below reads as one.
using P = WorkerPhase;
using A = WorkerAction;

constexpr WorkerTransition listeners{A::send_listeners, P::warming};
constexpr WorkerTransition warm{A::none, P::ready};
constexpr WorkerTransition accept{A::activate, P::activating};
constexpr WorkerTransition lanes{A::activate, P::switching};
constexpr WorkerTransition serving{A::none, P::accepting};
constexpr WorkerTransition drain{A::drain, P::draining};
constexpr WorkerTransition drained{A::none, P::standby};
constexpr WorkerTransition let_go{A::stop, P::stopping};
constexpr WorkerTransition term{A::terminate, P::terminating};
constexpr WorkerTransition kill{A::kill, P::killing};
// The channel of a serving worker has ended. It can't be told to drain any more, but it drains by
// itself when it learns of it (docs/protocol.md), so it gets the time of a drain.
constexpr WorkerTransition orphan{A::none, P::draining};

constexpr WorkerTransition stay(P phase) {
  return {A::none, phase};
}
constexpr WorkerTransition bad(P phase) {
  return {A::refuse, phase};
}

// In each row, in the order of WorkerInput: connected, said_ready, told_to_accept, told_to_switch,
// said_accepting, told_to_retire, said_drained, told_to_leave, failed, overdue, told_to_end.

constexpr Row starting() {
  constexpr auto no = bad(P::starting);
  constexpr auto wait = stay(P::starting);
  return {listeners, no, wait, wait, no, term, no, wait, term, term, term};
}
constexpr Row warming() {
  constexpr auto no = bad(P::warming);
  constexpr auto wait = stay(P::warming);
  return {no, warm, wait, wait, no, term, no, wait, term, term, term};
}
constexpr Row ready() {
  constexpr auto no = bad(P::ready);
  constexpr auto wait = stay(P::ready);
  return {no, no, accept, wait, no, term, no, wait, term, wait, term};
}
// `drained` may still arrive here: it was on its way when a drain was called off.
constexpr Row activating() {
  constexpr auto no = bad(P::activating);
  constexpr auto wait = stay(P::activating);
  return {no, no, wait, accept, serving, drain, wait, wait, term, term, term};
}
constexpr Row accepting() {
  constexpr auto no = bad(P::accepting);
  constexpr auto wait = stay(P::accepting);
  return {no, no, wait, lanes, no, drain, no, wait, orphan, wait, term};
}
constexpr Row switching() {
  constexpr auto no = bad(P::switching);
  constexpr auto wait = stay(P::switching);
  return {no, no, wait, lanes, serving, drain, no, wait, orphan, term, term};
}
// `accepting` may still arrive here: it was on its way when the drain was sent.
constexpr Row draining() {
  constexpr auto no = bad(P::draining);
  constexpr auto wait = stay(P::draining);
  return {no, no, accept, wait, wait, wait, drained, wait, wait, term, term};
}
constexpr Row standby() {
  constexpr auto no = bad(P::standby);
  constexpr auto wait = stay(P::standby);
  return {no, no, accept, wait, no, wait, no, let_go, term, wait, term};
}
constexpr Row stopping() {
  constexpr auto wait = stay(P::stopping);
  return {wait, wait, wait, wait, wait, wait, wait, wait, wait, term, term};
}
// Whatever it still says does not matter any more.
constexpr Row terminating() {
  constexpr auto wait = stay(P::terminating);
  return {wait, wait, wait, wait, wait, wait, wait, wait, wait, kill, wait};
}
constexpr Row killing() {
  constexpr auto wait = stay(P::killing);
  return {wait, wait, wait, wait, wait, wait, wait, wait, wait, wait, wait};
}

// In the order of WorkerPhase.
constexpr std::array<Row, worker_phase_count> table{
    starting(), warming(), ready(),    activating(),  accepting(), switching(),
    draining(), standby(), stopping(), terminating(), killing()};

static_assert(static_cast<std::size_t>(P::killing) + 1 == worker_phase_count);
static_assert(static_cast<std::size_t>(WorkerInput::told_to_end) + 1 == worker_input_count);

}  // namespace

WorkerTransition worker_transition(WorkerPhase phase, WorkerInput input) {
  return table[static_cast<std::size_t>(phase)][static_cast<std::size_t>(input)];
}

const char* to_string(WorkerInput input) {
  switch (input) {
    case WorkerInput::connected:
      return "connected";
    case WorkerInput::said_ready:
      return "said_ready";
    case WorkerInput::told_to_accept:
      return "told_to_accept";
    case WorkerInput::told_to_switch:
      return "told_to_switch";
    case WorkerInput::said_accepting:
      return "said_accepting";
    case WorkerInput::told_to_retire:
      return "told_to_retire";
    case WorkerInput::said_drained:
      return "said_drained";
    case WorkerInput::told_to_leave:
      return "told_to_leave";
    case WorkerInput::failed:
      return "failed";
    case WorkerInput::overdue:
      return "overdue";
    case WorkerInput::told_to_end:
      return "told_to_end";
  }
  return "unknown";
}

const char* to_string(WorkerAction action) {
  switch (action) {
    case WorkerAction::none:
      return "none";
    case WorkerAction::send_listeners:
      return "send_listeners";
    case WorkerAction::activate:
      return "activate";
    case WorkerAction::drain:
      return "drain";
    case WorkerAction::stop:
      return "stop";
    case WorkerAction::terminate:
      return "terminate";
    case WorkerAction::kill:
      return "kill";
    case WorkerAction::refuse:
      return "refuse";
  }
  return "unknown";
}

}  // namespace baton::core
