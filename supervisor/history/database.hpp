// The deploys in a SQLite file: one row each. Blocking, one thread at a time. Everything throws
// SQLite::Exception when the file can't be read or written, and is then as it was before.
#pragma once

#include "common/admin/api.hpp"

#include <SQLiteCpp/Database.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace baton::history {

class Database {
 public:
  // Opens or makes the file (mode 0600), and brings its schema up to date. A file of a newer Baton
  // is refused.
  explicit Database(const std::filesystem::path& file);

  // Inserts it, or replaces the one with the same id; its digest stays when the new one has none.
  void save(const admin::DeployRecord& record);
  // Newest first; an empty service means all.
  std::vector<admin::DeployRecord> recent(const std::string& service, std::size_t count);
  std::optional<admin::DeployRecord> find(const std::string& id);

  // What was running when an earlier supervisor ended has not ended well.
  void close_interrupted(std::int64_t now_ms);
  // Keeps the newest `count`, and of each service the one with the highest generation: so that no
  // number that was once written down is ever used again.
  void prune(std::size_t count);

 private:
  SQLite::Database database_;
};

}  // namespace baton::history
