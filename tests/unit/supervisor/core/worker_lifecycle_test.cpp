// Every phase x every input, written down a second time and independently of the code's table.
#include "supervisor/core/worker_lifecycle.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace baton::core {
namespace {

using P = WorkerPhase;
using A = WorkerAction;
using I = WorkerInput;

const std::vector<P> phases{P::starting,  P::warming,     P::ready,    P::activating,
                            P::accepting, P::switching,   P::draining, P::standby,
                            P::stopping,  P::terminating, P::killing};
const std::vector<I> inputs{I::connected,      I::said_ready,     I::told_to_accept,
                            I::told_to_switch, I::said_accepting, I::told_to_retire,
                            I::said_drained,   I::told_to_leave,  I::failed,
                            I::overdue,        I::told_to_end};
static_assert(worker_phase_count == 11 && worker_input_count == 11);

// What happens; everything that is not listed leaves the phase as it is and does nothing.
const std::map<std::pair<P, I>, WorkerTransition> happens{
    {{P::starting, I::connected}, {A::send_listeners, P::warming}},
    {{P::starting, I::told_to_retire}, {A::terminate, P::terminating}},
    {{P::starting, I::failed}, {A::terminate, P::terminating}},
    {{P::starting, I::overdue}, {A::terminate, P::terminating}},
    {{P::starting, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::warming, I::said_ready}, {A::none, P::ready}},
    {{P::warming, I::told_to_retire}, {A::terminate, P::terminating}},
    {{P::warming, I::failed}, {A::terminate, P::terminating}},
    {{P::warming, I::overdue}, {A::terminate, P::terminating}},
    {{P::warming, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::ready, I::told_to_accept}, {A::activate, P::activating}},
    {{P::ready, I::told_to_retire}, {A::terminate, P::terminating}},
    {{P::ready, I::failed}, {A::terminate, P::terminating}},
    {{P::ready, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::activating, I::told_to_switch}, {A::activate, P::activating}},
    {{P::activating, I::said_accepting}, {A::none, P::accepting}},
    {{P::activating, I::told_to_retire}, {A::drain, P::draining}},
    {{P::activating, I::failed}, {A::terminate, P::terminating}},
    {{P::activating, I::overdue}, {A::terminate, P::terminating}},
    {{P::activating, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::accepting, I::told_to_switch}, {A::activate, P::switching}},
    {{P::accepting, I::told_to_retire}, {A::drain, P::draining}},
    {{P::accepting, I::failed}, {A::none, P::draining}},
    {{P::accepting, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::switching, I::told_to_switch}, {A::activate, P::switching}},
    {{P::switching, I::said_accepting}, {A::none, P::accepting}},
    {{P::switching, I::told_to_retire}, {A::drain, P::draining}},
    {{P::switching, I::failed}, {A::none, P::draining}},
    {{P::switching, I::overdue}, {A::terminate, P::terminating}},
    {{P::switching, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::draining, I::told_to_accept}, {A::activate, P::activating}},
    {{P::draining, I::said_drained}, {A::none, P::standby}},
    {{P::draining, I::overdue}, {A::terminate, P::terminating}},
    {{P::draining, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::standby, I::told_to_accept}, {A::activate, P::activating}},
    {{P::standby, I::told_to_leave}, {A::stop, P::stopping}},
    {{P::standby, I::failed}, {A::terminate, P::terminating}},
    {{P::standby, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::stopping, I::overdue}, {A::terminate, P::terminating}},
    {{P::stopping, I::told_to_end}, {A::terminate, P::terminating}},
    {{P::terminating, I::overdue}, {A::kill, P::killing}},
};

// What a worker may not say then.
const std::map<P, std::vector<I>> refused{
    {P::starting, {I::said_ready, I::said_accepting, I::said_drained}},
    {P::warming, {I::connected, I::said_accepting, I::said_drained}},
    {P::ready, {I::connected, I::said_ready, I::said_accepting, I::said_drained}},
    {P::activating, {I::connected, I::said_ready}},
    {P::accepting, {I::connected, I::said_ready, I::said_accepting, I::said_drained}},
    {P::switching, {I::connected, I::said_ready, I::said_drained}},
    {P::draining, {I::connected, I::said_ready}},
    {P::standby, {I::connected, I::said_ready, I::said_accepting, I::said_drained}},
};

WorkerTransition expected(P phase, I input) {
  if (const auto found = happens.find({phase, input}); found != happens.end()) return found->second;
  if (const auto row = refused.find(phase); row != refused.end()) {
    for (const I each : row->second) {
      if (each == input) return {A::refuse, phase};
    }
  }
  return {A::none, phase};
}

TEST(WorkerLifecycle, EveryPhaseAnswersEveryInputAsWrittenDown) {
  for (const P phase : phases) {
    for (const I input : inputs) {
      const WorkerTransition got = worker_transition(phase, input);
      const WorkerTransition want = expected(phase, input);
      EXPECT_EQ(got, want) << to_string(phase) << " x " << to_string(input) << ": "
                           << to_string(got.action) << " -> " << to_string(got.next);
    }
  }
}

TEST(WorkerLifecycle, NothingLeadsBackButToAcceptAgain) {
  for (const P phase : phases) {
    for (const I input : inputs) {
      const P next = worker_transition(phase, input).next;
      const bool again = next == P::activating || next == P::accepting;
      EXPECT_TRUE(next >= phase || again) << to_string(phase) << " x " << to_string(input);
    }
  }
  EXPECT_EQ(worker_transition(P::stopping, I::told_to_accept).next, P::stopping);
  EXPECT_EQ(worker_transition(P::terminating, I::told_to_accept).next, P::terminating);
}

}  // namespace
}  // namespace baton::core
