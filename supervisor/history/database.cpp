#include "supervisor/history/database.hpp"

#include "common/admin/api_json.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace baton::history {
namespace {

using admin::DeployRecord;
using admin::Json;

constexpr int busy_timeout_ms = 1000;
constexpr std::size_t longest_text = 4096;  // of what people and workers have said
constexpr int newest_schema = 1;

constexpr const char* schema = R"(
  CREATE TABLE deploy (
    id TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    release TEXT NOT NULL,
    digest TEXT NOT NULL,
    by TEXT NOT NULL,
    message TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    finished_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    phases TEXT NOT NULL,  -- [{"phase": "canary", "time_ms": 1764000000123}, ...]
    finished INTEGER NOT NULL,
    handed_over INTEGER NOT NULL,
    cut_off INTEGER NOT NULL,
    kernel TEXT NOT NULL   -- {"ListenDrops": 3, ...}
  );
  CREATE INDEX deploy_by_start ON deploy (started_ms);
  CREATE INDEX deploy_by_service ON deploy (service, started_ms);
  PRAGMA user_version = 1;
)";

constexpr const char* columns =
    "id, service, generation, kind, release, digest, by, message, started_ms, finished_ms, "
    "outcome, reason, phases, finished, handed_over, cut_off, kernel";

// Nobody else's, before there is anything in it.
std::string make_private(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) ::close(fd);
  return file.string();
}

void migrate(SQLite::Database& database) {
  SQLite::Transaction transaction(database);
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version > newest_schema) {
    throw SQLite::Exception("it was written by a newer Baton (schema " + std::to_string(version) +
                            ", this one knows " + std::to_string(newest_schema) + ")");
  }
  if (version < newest_schema) database.exec(schema);
  transaction.commit();
}

std::string bounded(const std::string& text) {
  return text.substr(0, longest_text);
}

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint64_t count(SQLite::Column column) {
  return static_cast<std::uint64_t>(column.getInt64());
}

DeployRecord read(SQLite::Statement& row) {
  DeployRecord record;
  int column = 0;
  const auto next = [&] { return row.getColumn(column++); };
  record.id = next().getString();
  record.service = next().getString();
  record.generation = count(next());
  record.kind = next().getString();
  record.release = next().getString();
  record.digest = next().getString();
  record.by = next().getString();
  record.message = next().getString();
  record.started_ms = next().getInt64();
  record.finished_ms = next().getInt64();
  record.outcome = next().getString();
  record.reason = next().getString();
  const Json phases = Json::parse(next().getString(), nullptr, false);
  record.account.finished = count(next());
  record.account.handed_over = count(next());
  record.account.cut_off = count(next());
  const Json kernel = Json::parse(next().getString(), nullptr, false);
  for (const Json& each : phases) {
    if (each.is_object()) {
      record.phases.push_back({each.value("phase", ""), each.value("time_ms", std::int64_t{0})});
    }
  }
  if (kernel.is_object()) {
    for (const auto& [name, value] : kernel.items()) {
      if (value.is_number_unsigned()) record.account.kernel[name] = value.get<std::uint64_t>();
    }
  }
  return record;
}

}  // namespace

Database::Database(const std::filesystem::path& file)
    : database_(make_private(file), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms) {
  database_.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  migrate(database_);
}

void Database::save(const DeployRecord& record) {
  SQLite::Statement statement(
      database_, std::string("INSERT INTO deploy (") + columns +
                     ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
                     "ON CONFLICT (id) DO UPDATE SET digest = iif(excluded.digest = '', digest, "
                     "excluded.digest), finished_ms = excluded.finished_ms, outcome = "
                     "excluded.outcome, reason = excluded.reason, phases = excluded.phases, "
                     "finished = excluded.finished, handed_over = excluded.handed_over, cut_off = "
                     "excluded.cut_off, kernel = excluded.kernel");
  int place = 0;
  const auto bind = [&](const auto& value) { statement.bind(++place, value); };
  bind(record.id);
  bind(record.service);
  bind(number(record.generation));
  bind(record.kind);
  bind(record.release);
  bind(record.digest);
  bind(bounded(record.by));
  bind(bounded(record.message));
  bind(record.started_ms);
  bind(record.finished_ms);
  bind(record.outcome);
  bind(bounded(record.reason));
  bind(admin::dump(record.phases));
  bind(number(record.account.finished));
  bind(number(record.account.handed_over));
  bind(number(record.account.cut_off));
  bind(admin::dump(record.account.kernel));
  statement.exec();
}

std::vector<DeployRecord> Database::recent(const std::string& service, std::size_t wanted) {
  SQLite::Statement statement(database_, std::string("SELECT ") + columns +
                                             " FROM deploy WHERE ?1 = '' OR service = ?1 "
                                             "ORDER BY started_ms DESC, generation DESC LIMIT ?2");
  statement.bind(1, service);
  statement.bind(2, number(wanted));
  std::vector<DeployRecord> records;
  while (statement.executeStep())
    records.push_back(read(statement));
  return records;
}

std::optional<DeployRecord> Database::find(const std::string& id) {
  SQLite::Statement statement(database_,
                              std::string("SELECT ") + columns + " FROM deploy WHERE id = ?");
  statement.bind(1, id);
  if (!statement.executeStep()) return std::nullopt;
  return read(statement);
}

void Database::close_interrupted(std::int64_t now_ms) {
  SQLite::Statement statement(
      database_,
      "UPDATE deploy SET outcome = 'interrupted', finished_ms = ?, "
      "reason = 'batond ended in the middle of it' WHERE outcome = 'running'");
  statement.bind(1, now_ms);
  statement.exec();
}

void Database::prune(std::size_t wanted) {
  SQLite::Statement statement(
      database_,
      "DELETE FROM deploy WHERE outcome <> 'running' "
      "AND id NOT IN (SELECT id FROM deploy ORDER BY started_ms DESC, generation DESC LIMIT ?) "
      "AND generation < (SELECT max(generation) FROM deploy AS other "
      "WHERE other.service = deploy.service)");
  statement.bind(1, number(wanted));
  statement.exec();
}

}  // namespace baton::history
