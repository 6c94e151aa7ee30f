// rollback, promote, pause, resume, abort, --dry-run, history, show.
#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <gmock/gmock.h>

namespace baton::ctl {
namespace {

using ::testing::HasSubstr;

class Guards : public CtlTest {
 protected:
  admin::Operation asked() {
    return served_.with([](const admin::FakeControl& control) {
      return control.operations.empty() ? admin::Operation{} : control.operations.back();
    });
  }
};

TEST_F(Guards, ARollbackNamesItsGenerationAndItsReason) {
  answer_operations("", {"done", "", "", 3});
  expect_ran(batonctl({"-q", "rollback", "items", "--to", "3", "-m", "it smells"}), ExitCode::done,
             "rollback items: done (generation 3)\n", "");
  EXPECT_EQ(asked().verb, admin::Verb::rollback);
  EXPECT_EQ(asked().generation, 3u);
  EXPECT_EQ(asked().message, "it smells");
}

TEST_F(Guards, ADeployThatWasRolledBackSaysSo) {
  answer_operations("items-4", {"rolled_back", "a worker was killed by SIGSEGV", "items-4", 3});
  expect_ran(batonctl({"-q", "deploy", "items"}), ExitCode::failed_old_serving, "",
             "batonctl: deploy items was rolled back, generation 3 serves again: a worker was "
             "killed by SIGSEGV\n");
}

TEST_F(Guards, ADeployThatWasAbortedSaysSo) {
  answer_operations("items-4", {"aborted", "aborted by an operator", "items-4", 3});
  expect_ran(batonctl({"-q", "deploy", "items"}), ExitCode::superseded, "",
             "batonctl: deploy items was aborted: aborted by an operator\n");
}

TEST_F(Guards, EachSteeringVerbIsAskedFor) {
  answer_operations("", {"done", "", "", 4});
  for (const auto& [word, verb] :
       std::vector<std::pair<std::string, admin::Verb>>{{"promote", admin::Verb::promote},
                                                        {"pause", admin::Verb::pause},
                                                        {"resume", admin::Verb::resume},
                                                        {"abort", admin::Verb::abort}}) {
    EXPECT_EQ(batonctl({"-q", word, "items"}).exit_code, 0) << word;
    EXPECT_EQ(asked().verb, verb);
    EXPECT_EQ(asked().service, "items");
    EXPECT_EQ(asked().target, "");
  }
}

TEST_F(Guards, AnAbortMayNameItsDeploy) {
  answer_operations("", {"done", "", "", 3});
  EXPECT_EQ(batonctl({"-q", "abort", "my-items-4"}).exit_code, 0);
  EXPECT_EQ(asked().service, "my-items");
  EXPECT_EQ(asked().target, "my-items-4");
  EXPECT_EQ(batonctl({"-q", "abort", "my-items"}).exit_code, 0);
  EXPECT_EQ(asked().service, "my-items");
  EXPECT_EQ(asked().target, "");
}

TEST_F(Guards, ADryRunListsTheStepsAndDoesNothing) {
  served_.with([](admin::FakeControl& control) {
    control.plan = {"items", "/srv/items/r8", {"start 2 worker(s)", "cut over"}, {}};
  });
  expect_ran(batonctl({"deploy", "items", "--dry-run"}), ExitCode::done,
             "deploy items would run /srv/items/r8:\n  start 2 worker(s)\n  cut over\n", "");
}

TEST_F(Guards, ADryRunOfWhatWouldBeRefusedFails) {
  served_.with([](admin::FakeControl& control) {
    control.plan = {"items", "/srv/items/r8", {"cut over"}, {"a deploy is baking"}};
  });
  const auto ran = batonctl({"deploy", "items", "--dry-run", "--ignore-memory"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("it would be refused now: a deploy is baking"));
  EXPECT_TRUE(asked().ignore_memory);
}

admin::DeployRecord full_record() {
  admin::DeployRecord record;
  record.id = "items-4";
  record.service = "items";
  record.generation = 4;
  record.kind = "deploy";
  record.release = "/srv/items/r4";
  record.digest = "sha256:00ff";
  record.by = "alice (uid 1000)";
  record.message = "the new list";
  record.started_ms = 1'764'000'000'000;
  record.finished_ms = 1'764'000'012'345;
  record.outcome = "rolled_back";
  record.reason = "a worker was killed by SIGSEGV";
  record.phases = {{"starting", 1'764'000'000'000}, {"baking", 1'764'000'000'052}};
  record.account = {.finished = 7, .handed_over = 64, .cut_off = 1, .kernel = {{"ListenDrops", 3}}};
  return record;
}

TEST_F(Guards, TheHistoryIsATable) {
  served_.with([](admin::FakeControl& control) { control.past = {full_record()}; });
  expect_ran(
      batonctl({"history", "items", "-n", "5"}), ExitCode::done,
      "DEPLOY   WHEN                     BY                OUTCOME      TOOK  LOST  RELEASE        "
      "MESSAGE\n"
      "items-4  2025-11-24 16:00:00.000  alice (uid 1000)  rolled_back  12s      1  /srv/items/r4  "
      "the new list\n",
      "");
}

TEST_F(Guards, NoHistoryIsSaid) {
  expect_ran(batonctl({"history"}), ExitCode::done, "no deploys are remembered\n", "");
}

TEST_F(Guards, AHistoryThatCannotBeReadIsAnError) {
  served_.with([](admin::FakeControl& control) {
    control.no_history = Error{Errc::system, "the history can't be read: disk I/O error"};
  });
  expect_ran(batonctl({"history"}), ExitCode::failed, "",
             "batonctl: the history can't be read: disk I/O error\n");
}

TEST_F(Guards, ARecordIsShownWhole) {
  served_.with([](admin::FakeControl& control) { control.past = {full_record()}; });
  expect_ran(batonctl({"show", "items-4"}), ExitCode::done,
             "deploy      items-4 (deploy, generation 4)\n"
             "outcome     rolled_back\n"
             "reason      a worker was killed by SIGSEGV\n"
             "release     /srv/items/r4\n"
             "digest      sha256:00ff\n"
             "by          alice (uid 1000)\n"
             "message     the new list\n"
             "started     2025-11-24 16:00:00.000\n"
             "took        12s\n"
             "phases      +0ms  starting\n"
             "            +52ms  baking\n"
             "account     7 requests finished by those that left, 64 connections handed over, 1 "
             "requests cut off\n"
             "kernel      ListenDrops +3 on this host meanwhile\n",
             "");
}

TEST_F(Guards, ADeployThatIsNotKnownIsAnError) {
  expect_ran(batonctl({"show", "items-9"}), ExitCode::failed, "",
             "batonctl: there is no deploy items-9\n");
}

TEST_F(Guards, WhatCannotBeANameIsRefusedBeforeItIsAsked) {
  for (const std::string bad : {"items/../x", "items?n=1", "it ems"}) {
    EXPECT_EQ(batonctl({"show", bad}).exit_code, 2) << bad;
    EXPECT_EQ(batonctl({"history", bad}).exit_code, 2) << bad;
  }
  EXPECT_EQ(batonctl({"history", "-n", "0"}).exit_code, 2);
  EXPECT_EQ(batonctl({"rollback", "items", "--to", "three"}).exit_code, 2);
  EXPECT_EQ(batonctl({"promote"}).exit_code, 2);
}

}  // namespace
}  // namespace baton::ctl
