// Items in a SQLite file that several processes may share. Each call borrows a connection of a
// small pool, so it may be called from several threads at once. Closing checkpoints the log (WAL).
#pragma once

#include "worker/items/item.hpp"
#include "worker/items/sqlite_connection.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace baton::items {

class SqliteRepository final : public ItemRepository {
 public:
  // Opens the file and brings its schema up to date. `connections`: as many as are used at a time,
  // all opened here, so that a process at its fd limit can still serve. Errors name the file and
  // what SQLite says.
  static Result<std::unique_ptr<SqliteRepository>> open(
      const std::filesystem::path& file,
      std::chrono::milliseconds busy_timeout = std::chrono::seconds{5},
      std::size_t connections = 1);

  Result<ItemPage> list(std::int64_t page, std::int64_t per_page,
                        std::stop_token cancelled) override;
  Result<Item> create(std::string_view name, std::stop_token cancelled) override;
  Result<void> check(std::stop_token cancelled) override;

 private:
  SqliteRepository(std::filesystem::path file, std::chrono::milliseconds busy_timeout)
      : file_(std::move(file)), busy_timeout_(busy_timeout) {}

  void open_connections(std::size_t count);
  std::unique_ptr<SqliteConnection> borrow();
  void give_back(std::unique_ptr<SqliteConnection> connection);
  template <class Work>
  auto with_connection(std::stop_token cancelled, Work work)
      -> decltype(work(std::declval<SqliteConnection&>()));

  std::filesystem::path file_;
  std::chrono::milliseconds busy_timeout_;
  std::mutex mutex_;  // guards idle_
  std::vector<std::unique_ptr<SqliteConnection>> idle_;
};

}  // namespace baton::items
