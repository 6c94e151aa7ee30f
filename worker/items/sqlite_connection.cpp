#include "worker/items/sqlite_connection.hpp"

#include <sqlite3.h>

#include <thread>

namespace baton::items {
namespace {

// How many steps of SQLite's virtual machine run between two looks at the token: some 10 us.
constexpr int steps_between_looks = 1000;
constexpr std::chrono::milliseconds busy_pause{2};

SQLite::Statement& prepared(std::optional<SQLite::Statement>& statement, SQLite::Database& database,
                            const char* sql) {
  if (!statement) statement.emplace(database, sql);
  return *statement;
}

// Two processes that make the same file at the same moment: SQLite does not ask the busy handler
// for this one pragma, so the loser has to try again by itself.
void enter_wal_mode(SQLite::Database& database, std::chrono::milliseconds patience) {
  for (std::chrono::milliseconds waited{0};; waited += busy_pause) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception& exception) {
      if ((exception.getErrorCode() & 0xff) != SQLITE_BUSY || waited >= patience) throw;
      std::this_thread::sleep_for(busy_pause);
    }
  }
}

}  // namespace

SqliteConnection::SqliteConnection(const std::filesystem::path& file,
                                   std::chrono::milliseconds busy_timeout)
    : database_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX),
      busy_timeout_(busy_timeout) {
  sqlite3_busy_handler(database_.getHandle(), &on_busy, this);
  sqlite3_progress_handler(database_.getHandle(), steps_between_looks, &on_progress, this);
  enter_wal_mode(database_, busy_timeout);
  // In WAL mode NORMAL loses nothing when a process dies; only a power cut can take the newest.
  database_.exec("PRAGMA synchronous = NORMAL");
}

int SqliteConnection::on_progress(void* self) {
  return static_cast<SqliteConnection*>(self)->cancelled_.stop_requested() ? 1 : 0;
}

int SqliteConnection::on_busy(void* self, int times) {
  const auto& connection = *static_cast<SqliteConnection*>(self);
  if (connection.cancelled_.stop_requested()) return 0;
  if (times * busy_pause >= connection.busy_timeout_) return 0;
  std::this_thread::sleep_for(busy_pause);
  return 1;
}

SQLite::Statement& SqliteConnection::list_statement() {
  return prepared(list_, database_,
                  "SELECT id, name, created_at FROM items ORDER BY id LIMIT ? OFFSET ?");
}

SQLite::Statement& SqliteConnection::count_statement() {
  return prepared(count_, database_, "SELECT count FROM item_count");
}

SQLite::Statement& SqliteConnection::insert_statement() {
  return prepared(insert_, database_,
                  "INSERT INTO items (name, created_at)"
                  " VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) RETURNING id, created_at");
}

}  // namespace baton::items
