#include "worker/items/sqlite_repository.hpp"

#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include <sys/stat.h>
#include <unistd.h>

namespace baton::items {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class Repository : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return dir_ / "items.db"; }

  static std::unique_ptr<SqliteRepository> open(const std::filesystem::path& path,
                                                std::chrono::milliseconds busy_timeout) {
    return SqliteRepository::open(path, busy_timeout).value();
  }
  std::unique_ptr<SqliteRepository> open() const { return open(file(), std::chrono::seconds{30}); }

  SQLite::Database raw() const { return SQLite::Database(file().string(), SQLite::OPEN_READWRITE); }

  static std::vector<std::string> names(ItemRepository& repository, std::int64_t page,
                                        std::int64_t per_page) {
    std::vector<std::string> result;
    for (const Item& item : repository.list(page, per_page, {}).value().items)
      result.push_back(item.name);
    return result;
  }

  std::string refusal(const std::filesystem::path& path) const {
    const auto opened = SqliteRepository::open(path);
    if (opened) return "it is open";
    EXPECT_EQ(opened.error().code, Errc::system);
    return opened.error().message;
  }

  baton::testing::TempDir dir_;
};

TEST_F(Repository, IsEmptyAtFirst) {
  const auto repository = open();
  const ItemPage page = repository->list(1, 20, {}).value();
  EXPECT_THAT(page.items, IsEmpty());
  EXPECT_EQ(page.total, 0);
  EXPECT_TRUE(repository->check({}));
}

TEST_F(Repository, CreatesAnItemWithIdAndTime) {
  const auto repository = open();
  const Item first = repository->create("first", {}).value();
  EXPECT_EQ(first.id, 1);
  EXPECT_EQ(first.name, "first");
  EXPECT_THAT(first.created_at, MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
                                             "T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\\.[0-9]{3}Z"));
  EXPECT_EQ(repository->create("second", {}).value().id, 2);
  const Item listed = repository->list(1, 1, {}).value().items.at(0);
  EXPECT_EQ(listed.id, first.id);
  EXPECT_EQ(listed.name, first.name);
  EXPECT_EQ(listed.created_at, first.created_at);
}

TEST_F(Repository, GivesPagesInTheOrderOfTheIds) {
  const auto repository = open();
  for (const char* name : {"a", "b", "c", "d", "e"})
    ASSERT_TRUE(repository->create(name, {}));
  EXPECT_THAT(names(*repository, 1, 2), ElementsAre("a", "b"));
  EXPECT_THAT(names(*repository, 2, 2), ElementsAre("c", "d"));
  EXPECT_THAT(names(*repository, 3, 2), ElementsAre("e"));
  EXPECT_THAT(names(*repository, 4, 2), IsEmpty());
  EXPECT_THAT(names(*repository, 1'000'000'000, 100), IsEmpty());
  EXPECT_EQ(repository->list(4, 2, {}).value().total, 5);
}

TEST_F(Repository, KeepsAnyNameAsItIs) {
  const auto repository = open();
  const std::string name = "'; DROP TABLE items; -- \"ä€𝄞\"";
  ASSERT_TRUE(repository->create(name, {}));
  EXPECT_THAT(names(*repository, 1, 10), ElementsAre(name));
}

TEST_F(Repository, FindsEverythingAgainAfterItWasClosed) {
  ASSERT_TRUE(open()->create("kept", {}));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal")) << "closing checkpoints";
  const auto repository = open();
  EXPECT_THAT(names(*repository, 1, 10), ElementsAre("kept"));
  EXPECT_EQ(repository->create("next", {}).value().id, 2);
}

TEST_F(Repository, SharesTheFile) {
  const auto old_one = open();
  const auto new_one = open();
  ASSERT_TRUE(old_one->create("a", {}));
  ASSERT_TRUE(new_one->create("b", {}));
  EXPECT_THAT(names(*old_one, 1, 10), ElementsAre("a", "b"));
}

TEST_F(Repository, SaysWhenAnotherHoldsTheLockForTooLong) {
  const auto repository = open(file(), std::chrono::milliseconds{10});
  auto other = raw();
  other.exec("BEGIN IMMEDIATE");
  const auto created = repository->create("x", {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, Errc::busy);
  EXPECT_EQ(created.error().message,
            "the database " + file().string() + " is locked by another process");
  EXPECT_TRUE(repository->list(1, 1, {})) << "readers do not wait for writers";
  other.exec("COMMIT");
  EXPECT_TRUE(repository->create("x", {}));
}

TEST_F(Repository, DoesNotWaitForALockOnceItIsCancelled) {
  const auto repository = open();
  auto other = raw();
  other.exec("BEGIN IMMEDIATE");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(repository->create("x", stop.get_token()).error().code, Errc::closed);
}

TEST_F(Repository, InterruptsAStatementThatNobodyWaitsFor) {
  const auto repository = open();
  raw().exec(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
      " INSERT INTO items (name, created_at) SELECT 'x', 'then' FROM n");
  std::stop_source stop;
  stop.request_stop();
  const auto listed = repository->list(200, 100, stop.get_token());
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, Errc::closed);
  EXPECT_EQ(listed.error().message, "nobody waits for the answer any more");
  EXPECT_EQ(repository->list(200, 100, {}).value().items.size(), 100U) << "the next one is served";
}

TEST_F(Repository, RefusesAFileThatIsNoDatabase) {
  baton::testing::write_file(file(), std::string(4096, 'x'));
  EXPECT_EQ(refusal(file()), "the database " + file().string() + ": file is not a database");
  EXPECT_EQ(baton::testing::read_file(file()), std::string(4096, 'x'));
}

TEST_F(Repository, RefusesADirectory) {
  EXPECT_EQ(refusal(dir_.path()),
            "the database " + dir_.path().string() + ": unable to open database file");
}

TEST_F(Repository, RefusesAPlaceThatIsNotThere) {
  const auto lost = dir_ / "none" / "items.db";
  EXPECT_EQ(refusal(lost), "the database " + lost.string() + ": unable to open database file");
}

TEST_F(Repository, RefusesADirectoryThatItMayNotWrite) {
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0555), 0);
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const std::string refused = refusal(file());
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0700), 0);
  EXPECT_EQ(refused, "the database " + file().string() + ": unable to open database file");
}

}  // namespace
}  // namespace baton::items
