#include "worker/items/migrations.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <array>
#include <string>

namespace baton::items {
namespace {

// Step i leads from version i to version i + 1.
constexpr std::array<const char*, 2> steps{
    R"sql(
      CREATE TABLE items (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        created_at TEXT NOT NULL
      );
    )sql",
    // The paging facts need the total, and counting a million rows for each page does not do.
    R"sql(
      CREATE TABLE item_count (count INTEGER NOT NULL);
      INSERT INTO item_count SELECT count(*) FROM items;
      CREATE TRIGGER count_inserted AFTER INSERT ON items
        BEGIN UPDATE item_count SET count = count + 1; END;
      CREATE TRIGGER count_deleted AFTER DELETE ON items
        BEGIN UPDATE item_count SET count = count - 1; END;
    )sql"};

int version_of(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

}  // namespace

int newest_schema_version() {
  return static_cast<int>(steps.size());
}

void migrate(SQLite::Database& database) {
  if (version_of(database) >= newest_schema_version()) return;
  // The version is read again under the write lock: another process may have been faster.
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (int version = version_of(database); version < newest_schema_version(); ++version) {
    database.exec(steps[static_cast<std::size_t>(version)]);
    database.exec("PRAGMA user_version = " + std::to_string(version + 1));
  }
  transaction.commit();
}

}  // namespace baton::items
