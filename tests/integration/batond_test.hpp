// The fixture of the integration tests: a site, a batond when the test starts it, and at the end
// the proof that nothing was left behind: no process, no socket, no pid file.
#pragma once

#include "tests/support/batond.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/leftovers.hpp"
#include "tests/support/site.hpp"
#include "tests/torture/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace baton::testing {

class BatondTest : public ::testing::Test {
 protected:
  BatondTest();
  void TearDown() override;

  // Writes the config, starts batond and waits until the first generation of every service accepts.
  Batond& start();
  Batond& batond() { return *batond_; }

  // Clients of "web", without limits: a BackgroundRun ends them.
  torture::Options clients(torture::Mode mode, unsigned number,
                           const std::string& listener = "web");
  // One request on a fresh connection: the generation that answered, 0 when none did.
  std::uint64_t generation_that_answers();
  // The pids of batond's workers.
  std::vector<pid_t> workers() { return children_of(batond().pid()); }
  // The first one of that generation, of the first service; -1 when there is none.
  pid_t worker_of(std::uint64_t generation);
  // "batonctl deploy app --release RELEASE ..."
  Ran deploy(const std::string& release, std::vector<std::string> more = {});
  Command deploy_command(const std::string& release, std::vector<std::string> more = {});
  // What the history's file says of that deploy now, batond running or not; "" is nothing yet.
  std::string stored_outcome(const std::string& id) const;
  std::filesystem::path scratch(const std::string& name) const { return site_.path() / name; }

  Site site_;
  std::optional<Batond> batond_;
};

}  // namespace baton::testing
