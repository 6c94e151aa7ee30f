// The repository under the engine's pool: many threads, and requests that are cancelled meanwhile.
#include "tests/support/temp_dir.hpp"
#include "worker/items/migrations.hpp"
#include "worker/items/sqlite_repository.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace baton::items {
namespace {

class RepositoryThreads : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return dir_ / "items.db"; }

  baton::testing::TempDir dir_;
};

TEST_F(RepositoryThreads, EveryItemIsCreatedOnce) {
  const auto repository = SqliteRepository::open(file(), std::chrono::seconds{60}).value();
  std::atomic<int> created = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 25; ++n) {
          if (repository->create("x", {}) && repository->list(1, 10, {})) ++created;
        }
      });
    }
  }
  EXPECT_EQ(created, 100);
  EXPECT_EQ(repository->list(1, 1, {}).value().total, 100);
}

// A token belongs to its call, not to the connection that the call has borrowed.
TEST_F(RepositoryThreads, ACancelledCallHarmsNoOther) {
  const auto repository = SqliteRepository::open(file(), std::chrono::seconds{60}).value();
  std::stop_source stopped;
  stopped.request_stop();
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 100; ++n)
          (void)repository->list(1, 10, stopped.get_token());
      });
      threads.emplace_back([&] {
        for (int n = 0; n < 100; ++n)
          served += repository->list(1, 10, {}) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(served, 200);
}

TEST_F(RepositoryThreads, AStatementWithoutEndIsInterruptedWhileItRuns) {
  {
    SQLite::Database database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(database);
    // The repository's own statement, over a table that never ends.
    database.exec(
        "DROP TABLE items;"
        "CREATE VIEW items AS WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT i AS id, 'x' AS name, 'then' AS created_at FROM n");
  }
  const auto repository = SqliteRepository::open(file()).value();
  std::stop_source stop;
  std::atomic<bool> closed = false;
  std::jthread client([&] {
    const auto listed = repository->list(1, 1, stop.get_token());
    closed = !listed && listed.error().code == Errc::closed;
  });
  EXPECT_TRUE(repository->check({})) << "others are served meanwhile";
  stop.request_stop();
  client.join();
  EXPECT_TRUE(closed);
}

TEST_F(RepositoryThreads, AWaitForALockIsCancelledWhileItLasts) {
  const auto repository = SqliteRepository::open(file(), std::chrono::hours{1}).value();
  SQLite::Database other(file().string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  std::stop_source stop;
  std::atomic<bool> closed = false;
  std::jthread client([&] {
    const auto created = repository->create("x", stop.get_token());
    closed = !created && created.error().code == Errc::closed;
  });
  stop.request_stop();
  client.join();
  EXPECT_TRUE(closed);
}

}  // namespace
}  // namespace baton::items
