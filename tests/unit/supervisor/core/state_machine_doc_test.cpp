// docs/state-machine.md shows the table that the code runs; this fails when they differ.
#include "documented.hpp"
#include "supervisor/core/worker_lifecycle.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace baton::core {
namespace {

std::string cell(WorkerPhase phase, WorkerInput input) {
  const WorkerTransition transition = worker_transition(phase, input);
  if (transition.action == WorkerAction::refuse) return "refused";
  if (transition.next == phase && transition.action == WorkerAction::none) return "·";
  const std::string action = transition.action == WorkerAction::none
                                 ? ""
                                 : std::string(to_string(transition.action)) + " → ";
  return action + "**" + to_string(transition.next) + "**";
}

std::string table() {
  std::ostringstream text;
  text << "| |";
  for (std::size_t input = 0; input < worker_input_count; ++input) {
    text << " " << to_string(static_cast<WorkerInput>(input)) << " |";
  }
  text << "\n|---|";
  for (std::size_t input = 0; input < worker_input_count; ++input)
    text << "---|";
  text << "\n";
  for (std::size_t phase = 0; phase < worker_phase_count; ++phase) {
    text << "| **" << to_string(static_cast<WorkerPhase>(phase)) << "** |";
    for (std::size_t input = 0; input < worker_input_count; ++input) {
      text << " " << cell(static_cast<WorkerPhase>(phase), static_cast<WorkerInput>(input)) << " |";
    }
    text << "\n";
  }
  return text.str();
}

TEST(StateMachineDoc, ShowsTheTableThatTheCodeRuns) {
  expect_documented(table());
}

}  // namespace
}  // namespace baton::core
