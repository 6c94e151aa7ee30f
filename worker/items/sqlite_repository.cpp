#include "worker/items/sqlite_repository.hpp"

#include "worker/items/migrations.hpp"

#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace baton::items {
namespace {

Error cancellation() {
  return {Errc::closed, "nobody waits for the answer any more"};
}

Error error_of(const SQLite::Exception& exception, const std::filesystem::path& file) {
  switch (exception.getErrorCode() & 0xff) {  // the primary code
    case SQLITE_INTERRUPT:
      return cancellation();
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Errc::busy, "the database " + file.string() + " is locked by another process"};
    default:
      return {Errc::system, "the database " + file.string() + ": " + exception.what()};
  }
}

// A statement that is not reset keeps its read transaction, and so the whole log, alive.
class Running {
 public:
  explicit Running(SQLite::Statement& statement) : statement_(statement) {}
  ~Running() { statement_.tryReset(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  SQLite::Statement* operator->() { return &statement_; }

 private:
  SQLite::Statement& statement_;
};

}  // namespace

Result<std::unique_ptr<SqliteRepository>> SqliteRepository::open(
    const std::filesystem::path& file, std::chrono::milliseconds busy_timeout,
    std::size_t connections) {
  std::unique_ptr<SqliteRepository> repository(new SqliteRepository(file, busy_timeout));
  try {
    auto connection = repository->borrow();
    migrate(connection->database());
    repository->give_back(std::move(connection));
    repository->open_connections(connections);
  } catch (const SQLite::Exception& exception) {
    return error_of(exception, file);
  }
  return repository;
}

// The log and its index are opened with the first statement, not before.
void SqliteRepository::open_connections(std::size_t count) {
  std::vector<std::unique_ptr<SqliteConnection>> opened;
  while (opened.size() < count) {
    opened.push_back(borrow());
    Running(opened.back()->count_statement())->executeStep();
  }
  for (auto& connection : opened)
    give_back(std::move(connection));
}

std::unique_ptr<SqliteConnection> SqliteRepository::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return std::make_unique<SqliteConnection>(file_, busy_timeout_);
}

void SqliteRepository::give_back(std::unique_ptr<SqliteConnection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
}

// Lends `work` a connection. One on which something went wrong is given back all the same: a
// statement that fails leaves a connection usable (sqlite.org/rescode.html).
template <class Work>
auto SqliteRepository::with_connection(std::stop_token cancelled, Work work)
    -> decltype(work(std::declval<SqliteConnection&>())) {
  std::unique_ptr<SqliteConnection> connection;
  try {
    connection = borrow();
    auto result = [&] {
      const SqliteConnection::Cancellable cancellable(*connection, cancelled);
      return work(*connection);
    }();
    give_back(std::move(connection));
    return result;
  } catch (const SQLite::Exception& exception) {
    // Who waits for a lock and is cancelled gets SQLITE_BUSY: what matters is why.
    const Error error = cancelled.stop_requested() ? cancellation() : error_of(exception, file_);
    if (connection) give_back(std::move(connection));
    return error;
  }
}

Result<ItemPage> SqliteRepository::list(std::int64_t page, std::int64_t per_page,
                                        std::stop_token cancelled) {
  return with_connection(
      std::move(cancelled), [&](SqliteConnection& connection) -> Result<ItemPage> {
        // Total and items of the same moment.
        SQLite::Transaction snapshot(connection.database());
        ItemPage result;
        {
          Running count(connection.count_statement());
          if (count->executeStep()) result.total = count->getColumn(0).getInt64();
        }
        result.items.reserve(static_cast<std::size_t>(std::min(per_page, result.total)));
        Running rows(connection.list_statement());
        rows->bind(1, per_page);
        rows->bind(2, (page - 1) * per_page);
        while (rows->executeStep()) {
          result.items.push_back({rows->getColumn(0).getInt64(), rows->getColumn(1).getString(),
                                  rows->getColumn(2).getString()});
        }
        return result;
      });
}

Result<Item> SqliteRepository::create(std::string_view name, std::stop_token cancelled) {
  return with_connection(std::move(cancelled), [&](SqliteConnection& connection) -> Result<Item> {
    Running insert(connection.insert_statement());
    insert->bind(1, std::string(name));
    insert->executeStep();
    Item item{insert->getColumn(0).getInt64(), std::string(name), insert->getColumn(1).getString()};
    // RETURNING hands out the row before the statement has ended; the commit is in its last step.
    insert->executeStep();
    return item;
  });
}

Result<void> SqliteRepository::check(std::stop_token cancelled) {
  return with_connection(std::move(cancelled), [](SqliteConnection& connection) -> Result<void> {
    Running count(connection.count_statement());
    count->executeStep();
    return {};
  });
}

}  // namespace baton::items
