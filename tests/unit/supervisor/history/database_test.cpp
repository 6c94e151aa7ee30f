#include "supervisor/history/database.hpp"

#include "tests/support/temp_dir.hpp"
#include "tests/unit/supervisor/history/records.hpp"

#include <SQLiteCpp/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace baton::history {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> ids(const std::vector<admin::DeployRecord>& records) {
  std::vector<std::string> all;
  for (const auto& each : records)
    all.push_back(each.id);
  return all;
}

class DatabaseTest : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return dir_ / "history.db"; }

  testing::TempDir dir_;
  Database database_{dir_ / "history.db"};
};

TEST_F(DatabaseTest, ARecordComesBackWhole) {
  admin::DeployRecord full = record("items", 4);
  full.digest = "sha256:00";
  full.message = "it's \"new\"; DROP TABLE deploy";
  full.reason = "grüezi";
  full.phases = {{"starting", 1}, {"baking", 2}};
  full.account = {.finished = 7, .handed_over = 64, .cut_off = 1, .kernel = {{"ListenDrops", 3}}};
  database_.save(full);
  EXPECT_EQ(text(database_.find("items-4").value()), text(full));
  EXPECT_FALSE(database_.find("items-5"));
}

TEST_F(DatabaseTest, ANewerStateReplacesAnOlderAndKeepsTheDigest) {
  auto first = record("items", 4, "running");
  first.digest = "sha256:00";
  database_.save(first);
  auto last = record("items", 4, "rolled_back");
  last.reason = "because";
  database_.save(last);
  const auto found = database_.find("items-4").value();
  EXPECT_EQ(found.outcome, "rolled_back");
  EXPECT_EQ(found.reason, "because");
  EXPECT_EQ(found.digest, "sha256:00");
}

TEST_F(DatabaseTest, TheNewestComesFirst) {
  database_.save(record("items", 1));
  database_.save(record("shop", 2));
  database_.save(record("items", 3));
  EXPECT_THAT(ids(database_.recent("", 10)), ElementsAre("items-3", "shop-2", "items-1"));
  EXPECT_THAT(ids(database_.recent("", 2)), ElementsAre("items-3", "shop-2"));
  EXPECT_THAT(ids(database_.recent("items", 10)), ElementsAre("items-3", "items-1"));
  EXPECT_THAT(ids(database_.recent("nobody", 10)), ElementsAre());
}

TEST_F(DatabaseTest, WhatRanWhenTheSupervisorEndedIsClosed) {
  database_.save(record("items", 1));
  database_.save(record("items", 2, "running"));
  database_.close_interrupted(5'000);
  const auto found = database_.find("items-2").value();
  EXPECT_EQ(found.outcome, "interrupted");
  EXPECT_EQ(found.reason, "batond ended in the middle of it");
  EXPECT_EQ(found.finished_ms, 5'000);
  EXPECT_EQ(database_.find("items-1")->outcome, "done");
}

TEST_F(DatabaseTest, OldOnesGoButTheHighestNumberOfEachServiceStays) {
  database_.save(record("rare", 1));
  for (std::uint64_t i = 2; i <= 6; ++i)
    database_.save(record("items", i));
  database_.prune(2);
  EXPECT_THAT(ids(database_.recent("", 10)), ElementsAre("items-6", "items-5", "rare-1"));
}

TEST_F(DatabaseTest, LongTextsAreCutAndBadBytesBreakNothing) {
  auto long_one = record("items", 1);
  long_one.message = std::string(10'000, 'x');
  long_one.reason = "bad \xff byte";
  database_.save(long_one);
  EXPECT_EQ(database_.find("items-1")->message.size(), 4096u);
}

TEST_F(DatabaseTest, IsPrivateAndOutlivesItsProcess) {
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  database_.save(record("items", 1));
  Database again(file());
  EXPECT_TRUE(again.find("items-1"));
}

TEST_F(DatabaseTest, AFileOfANewerBatonIsRefused) {
  SQLite::Database raw(file().string(), SQLite::OPEN_READWRITE);
  raw.exec("PRAGMA user_version = 2");
  try {
    Database refused(file());
    FAIL() << "it was opened";
  } catch (const SQLite::Exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("written by a newer Baton (schema 2, this one knows 1)"));
  }
}

}  // namespace
}  // namespace baton::history
