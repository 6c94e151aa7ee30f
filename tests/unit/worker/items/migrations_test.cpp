// The schema from nothing, from the version before, and from a version that only a newer release
// knows.
#include "worker/items/migrations.hpp"

#include "tests/support/temp_dir.hpp"
#include "worker/items/sqlite_repository.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

namespace baton::items {
namespace {

class Migrations : public ::testing::Test {
 protected:
  SQLite::Database open() const {
    return SQLite::Database((dir_ / "items.db").string(),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  }
  static int version(SQLite::Database& database) {
    return database.execAndGet("PRAGMA user_version").getInt();
  }

  // As the first release has made it, with two items.
  static void make_version_1(SQLite::Database& database) {
    database.exec(
        "CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
        "                    created_at TEXT NOT NULL);"
        "INSERT INTO items (name, created_at) VALUES ('a', 'then'), ('b', 'then');"
        "PRAGMA user_version = 1;");
  }

  baton::testing::TempDir dir_;
};

TEST_F(Migrations, FromNothingToTheNewest) {
  auto database = open();
  EXPECT_EQ(version(database), 0);
  migrate(database);
  EXPECT_EQ(version(database), newest_schema_version());
  EXPECT_EQ(database.execAndGet("SELECT count FROM item_count").getInt(), 0);
}

TEST_F(Migrations, ASecondTimeChangesNothing) {
  auto database = open();
  migrate(database);
  database.exec("INSERT INTO items (name, created_at) VALUES ('a', 'now')");
  migrate(database);
  EXPECT_EQ(version(database), newest_schema_version());
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM items").getInt(), 1);
}

TEST_F(Migrations, KeepTheItemsOfTheVersionBefore) {
  auto database = open();
  make_version_1(database);
  const auto repository = SqliteRepository::open(dir_ / "items.db").value();
  EXPECT_EQ(version(database), newest_schema_version());
  const ItemPage page = repository->list(1, 10, {}).value();
  EXPECT_EQ(page.total, 2);
  EXPECT_EQ(page.items.at(1).name, "b");
}

// Two generations share the file: the old one goes on with its statements.
TEST_F(Migrations, TheReleaseBeforeStillWrites) {
  auto database = open();
  make_version_1(database);
  const auto repository = SqliteRepository::open(dir_ / "items.db").value();
  database.exec("INSERT INTO items (name, created_at) VALUES ('old', 'now')");
  EXPECT_EQ(repository->list(1, 10, {}).value().total, 3);
  database.exec("DELETE FROM items WHERE name = 'a'");
  EXPECT_EQ(repository->list(1, 10, {}).value().total, 2);
}

TEST_F(Migrations, ANewerVersionIsLeftAsItIs) {
  auto database = open();
  migrate(database);
  const int newer = newest_schema_version() + 1;
  database.exec(
      "ALTER TABLE items ADD COLUMN colour TEXT DEFAULT 'red';"
      "PRAGMA user_version = " +
      std::to_string(newer));
  const auto repository = SqliteRepository::open(dir_ / "items.db").value();
  EXPECT_EQ(version(database), newer);
  EXPECT_EQ(repository->create("x", {}).value().name, "x");
  EXPECT_EQ(repository->list(1, 10, {}).value().total, 1);
}

TEST_F(Migrations, AStepThatFailsLeavesTheVersionBefore) {
  auto database = open();
  make_version_1(database);
  database.exec("CREATE TABLE item_count (other TEXT)");  // in the way of the second step
  const auto repository = SqliteRepository::open(dir_ / "items.db");
  ASSERT_FALSE(repository);
  EXPECT_EQ(repository.error().code, Errc::system);
  EXPECT_EQ(repository.error().message,
            "the database " + (dir_ / "items.db").string() + ": table item_count already exists");
  EXPECT_EQ(version(database), 1);
}

}  // namespace
}  // namespace baton::items
