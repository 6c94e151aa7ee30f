// One connection to the SQLite file, set up as every connection of ours is: WAL, busy waits and
// running statements that end when nobody waits for them any more. One thread at a time.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>

namespace baton::items {

class SqliteConnection {
 public:
  // Opens or makes the file. Throws SQLite::Exception.
  SqliteConnection(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  SQLite::Database& database() { return database_; }

  // While it lives, what runs on the connection ends with SQLITE_INTERRUPT once the token is
  // stopped. Race-free, unlike sqlite3_interrupt(): a statement that begins later sees it too.
  class Cancellable {
   public:
    Cancellable(SqliteConnection& connection, std::stop_token token) : connection_(connection) {
      connection_.cancelled_ = std::move(token);
    }
    ~Cancellable() { connection_.cancelled_ = {}; }
    Cancellable(const Cancellable&) = delete;
    Cancellable& operator=(const Cancellable&) = delete;

   private:
    SqliteConnection& connection_;
  };

  // Prepared once a connection.
  SQLite::Statement& list_statement();
  SQLite::Statement& count_statement();
  SQLite::Statement& insert_statement();

 private:
  static int on_progress(void* self);
  static int on_busy(void* self, int times);

  SQLite::Database database_;
  std::chrono::milliseconds busy_timeout_;
  std::stop_token cancelled_;
  std::optional<SQLite::Statement> list_;
  std::optional<SQLite::Statement> count_;
  std::optional<SQLite::Statement> insert_;
};

}  // namespace baton::items
