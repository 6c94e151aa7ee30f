// The store and its thread: what a supervisor sees of it.
#include "supervisor/history/store.hpp"

#include "tests/support/eventually.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/supervisor/history/records.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <future>
#include <mutex>

namespace baton::history {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreTest : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return dir_ / "state" / "history.db"; }

  Store& open() {
    store_.emplace(
        Settings{.file = file(), .keep = 100, .on_news = [this](News, const std::string& sentence) {
                   const std::scoped_lock lock(mutex_);
                   troubles_.push_back(sentence);
                 }});
    return *store_;
  }
  std::vector<std::string> troubles() {
    const std::scoped_lock lock(mutex_);
    return troubles_;
  }
  Result<admin::DeployRecord> find(const std::string& id) {
    std::promise<Result<admin::DeployRecord>> answer;
    store_->find(id, [&](auto found) { answer.set_value(std::move(found)); });
    return answer.get_future().get();
  }
  Result<std::vector<admin::DeployRecord>> recent() {
    std::promise<Result<std::vector<admin::DeployRecord>>> answer;
    store_->recent("", 100, [&](auto found) { answer.set_value(std::move(found)); });
    return answer.get_future().get();
  }

  testing::TempDir dir_;
  std::mutex mutex_;
  std::vector<std::string> troubles_;
  std::optional<Store> store_;
};

TEST_F(StoreTest, RemembersAcrossSupervisors) {
  open().save(record("items", 1), "");
  store_.reset();
  EXPECT_THAT(open().past("items"), SizeIs(1));
  EXPECT_THAT(store_->past("shop"), IsEmpty());
  EXPECT_THAT(troubles(), IsEmpty());
}

TEST_F(StoreTest, AQuestionIsAnsweredAfterWhatWasSavedBefore) {
  open().save(record("items", 1, "running"), "");
  EXPECT_TRUE(testing::eventually([&] { return find("items-1").has_value(); }));
  const auto unknown = find("items-2");
  EXPECT_EQ(unknown.error().code, Errc::not_found);
  EXPECT_EQ(unknown.error().message, "there is no deploy 'items-2'; batonctl history lists them");
}

TEST_F(StoreTest, ARecordGetsTheDigestOfItsProgram) {
  testing::write_file(dir_ / "program", "abc");
  open().save(record("items", 1, "running"), dir_ / "program");
  open().save(record("items", 1), dir_ / "program");
  store_.reset();
  EXPECT_THAT(open().past("items").at(0).digest, HasSubstr("sha256:ba7816bf"));
}

TEST_F(StoreTest, WhatASupervisorLeftRunningIsSaidToBeInterrupted) {
  open().save(record("items", 1, "running"), "");
  store_.reset();
  EXPECT_EQ(open().past("items").at(0).outcome, "interrupted");
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsMovedAside) {
  ::mkdir((dir_ / "state").c_str(), 0700);
  testing::write_file(file(), std::string(5'000, '!'));
  open().save(record("items", 1), "");
  store_.reset();
  EXPECT_THAT(troubles(), ElementsAre(HasSubstr("was no database; it was moved to ")));
  EXPECT_THAT(open().past("items"), SizeIs(1));
}

TEST_F(StoreTest, AFileThatCannotBeOpenedIsSaidOnceAndStopsNothing) {
  std::filesystem::create_directories(file());  // a directory in the place of the file
  open().save(record("items", 1), "");
  store_->save(record("items", 2), "");
  EXPECT_TRUE(testing::eventually([&] { return !recent(); }));
  EXPECT_THAT(recent().error().message, HasSubstr("the history can't be read: "));
  store_.reset();
  EXPECT_THAT(troubles(), ElementsAre(HasSubstr("can't be written")));
}

TEST_F(StoreTest, WhatCouldNotBeWrittenIsWrittenWhenItCan) {
  std::filesystem::create_directories(file());
  open().save(record("items", 1), "");
  ASSERT_TRUE(testing::eventually([&] { return !troubles().empty(); }));
  std::filesystem::remove(file());
  store_.reset();  // its last attempt
  EXPECT_THAT(open().past("items"), SizeIs(1));
}

TEST_F(StoreTest, AFullDiskIsSaidAndTheDeployGoesOn) {
  open().save(record("items", 1), "");
  ASSERT_TRUE(testing::eventually([&] { return find("items-1").has_value(); }));
  // Somebody else holds the file for longer than we wait: the same to us as a disk that fails.
  SQLite::Database other(file().string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN EXCLUSIVE");
  store_->save(record("items", 2), "");
  ASSERT_TRUE(testing::eventually([&] { return !troubles().empty(); }));
  EXPECT_THAT(troubles().at(0), HasSubstr("deploys go on, and are remembered in memory"));
  other.exec("COMMIT");
  store_.reset();
  EXPECT_THAT(open().past("items"), SizeIs(2));
}

}  // namespace
}  // namespace baton::history
