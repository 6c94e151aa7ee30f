// What the supervisor remembers of its deploys. All I/O after the opening is done by a thread of
// its own, so a slow disk delays no deploy; a broken or full one is said once, and what could not
// be written is kept in memory, within bounds, and written when it can be.
//
// Thread-safe. Callbacks are called on the store's thread, and must be done before it goes.
#pragma once

#include "common/admin/api.hpp"
#include "common/result.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace baton::history {

enum class News { trouble, mended };

struct Settings {
  std::filesystem::path file;
  std::size_t keep = 1000;  // deploys
  // One sentence: the history can't be kept, or can again.
  std::function<void(News news, const std::string& sentence)> on_news;
};

class Store {
 public:
  template <class Value>
  using Callback = std::function<void(Result<Value>)>;

  // Opens the file at once (1 s at most where somebody else has it locked), closes what an earlier
  // supervisor has left running, and reads what is there. Never fails: see on_news. A file that
  // is no database is moved aside.
  explicit Store(Settings settings);
  // Writes what waits, if it can be written, and waits for the disk as long as that takes.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // As it was when the store was opened; newest first.
  std::vector<admin::DeployRecord> past(const std::string& service) const;

  // Never blocks. The newest state of a record replaces an older one that waits. `program` is the
  // file whose digest the record gets; empty: none.
  void save(const admin::DeployRecord& record, const std::string& program);

  void recent(const std::string& service, std::size_t count,
              Callback<std::vector<admin::DeployRecord>> callback);
  // Errc::not_found: there is no such deploy.
  void find(const std::string& id, Callback<admin::DeployRecord> callback);

 private:
  class Writer;
  std::vector<admin::DeployRecord> past_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace baton::history
