#include "supervisor/runtime/deploy_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::runtime {
namespace {

using ::testing::HasSubstr;

class DeployLogTest : public ::testing::Test {
 protected:
  DeployLog make(const std::vector<admin::DeployRecord>& past = {}) {
    return {"items", past, [this](const admin::DeployRecord& record, const std::string&) {
              remembered_.push_back(record);
            }};
  }
  static void deploy(DeployLog& log, core::GenerationNumber generation, const std::string& release,
                     core::Outcome outcome = core::Outcome::done) {
    log.begin(generation, {"deploy", "alice", "why"}, release, release + "/bin/app");
    log.end({generation, outcome, "", {}});
  }

  std::vector<admin::DeployRecord> remembered_;
};

TEST_F(DeployLogTest, ADeployIsRememberedFromItsBeginToItsEnd) {
  DeployLog log = make();
  log.begin(4, {"deploy", "alice", "why"}, "/srv/r4", "/srv/r4/bin/app");
  ASSERT_EQ(remembered_.size(), 1u);
  EXPECT_EQ(remembered_[0].id, "items-4");
  EXPECT_EQ(remembered_[0].outcome, "running");
  EXPECT_EQ(remembered_[0].finished_ms, 0);
  log.note({core::Happening::deploy_phase, 4, {}, "probing", core::DeployPhase::probing});
  log.note({core::Happening::cut_over, 4, {}, "cut over", {}});
  log.note({core::Happening::worker_crashed, 4, {}, "no phase", {}});
  log.end({4, core::Outcome::degraded, "one was cut", {7, 64, 1}});
  const admin::DeployRecord& last = remembered_.back();
  EXPECT_EQ(last.outcome, "degraded");
  EXPECT_EQ(last.reason, "one was cut");
  EXPECT_EQ(last.account.handed_over, 64u);
  EXPECT_GE(last.finished_ms, last.started_ms);
  ASSERT_EQ(last.phases.size(), 3u);
  EXPECT_EQ(last.phases[1].phase, "probing");
  EXPECT_EQ(last.phases[2].phase, "cut_over");
  EXPECT_EQ(log.running(4), nullptr);
}

TEST_F(DeployLogTest, AClockThatIsSetBackMakesNoDeployOfLessThanNothing) {
  auto day = std::chrono::system_clock::now();
  DeployLog log(
      "items", {},
      [this](const admin::DeployRecord& record, const std::string&) {
        remembered_.push_back(record);
      },
      [&day] { return day; });
  log.begin(4, {"deploy", "alice", "why"}, "/srv/r4", "/srv/r4/bin/app");
  day -= std::chrono::hours{1};
  log.note({core::Happening::deploy_phase, 4, {}, "probing", core::DeployPhase::probing});
  log.end({4, core::Outcome::done, "", {}});
  const admin::DeployRecord& last = remembered_.back();
  EXPECT_GE(last.phases.back().time_ms, last.started_ms);
  EXPECT_GE(last.finished_ms, last.phases.back().time_ms);
}

TEST_F(DeployLogTest, TheEarlierReleaseIsTheNewestThatWasAnother) {
  DeployLog log = make();
  deploy(log, 1, "/srv/r1");
  deploy(log, 2, "/srv/r2");
  deploy(log, 3, "/srv/bad", core::Outcome::rolled_back);
  deploy(log, 4, "/srv/r4");
  deploy(log, 5, "/srv/r4");
  EXPECT_EQ(log.earlier_release(0, 5).value(), "/srv/r2");
  EXPECT_EQ(log.earlier_release(1, 5).value(), "/srv/r1");
  EXPECT_THAT(log.earlier_release(3, 5).error().message, HasSubstr("there are: 1, 2, 4, 5"));
}

TEST_F(DeployLogTest, WhatIsKnownFromBeforeCounts) {
  admin::DeployRecord before;
  before.generation = 7;
  before.release = "/srv/r7";
  before.outcome = "done";
  DeployLog log = make({before});
  deploy(log, 8, "/srv/r8");
  EXPECT_EQ(log.earlier_release(0, 8).value(), "/srv/r7");
}

TEST_F(DeployLogTest, WithoutAnEarlierReleaseTheRemedyIsNamed) {
  DeployLog log = make();
  deploy(log, 1, "/srv/r1");
  EXPECT_EQ(log.earlier_release(0, 1).error().code, Errc::not_found);
  EXPECT_THAT(log.earlier_release(0, 1).error().message, HasSubstr("deploy --release"));
}

}  // namespace
}  // namespace baton::runtime
