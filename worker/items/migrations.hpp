// The schema of the items database, and how it came about. Forward only, and each step such that
// the release before it can still read and write: two generations share the file while they
// overlap. So a step may add tables, triggers and columns with defaults, and nothing else.
#pragma once

#include <SQLiteCpp/Database.h>

namespace baton::items {

// Brings the database to the newest version that this release knows; a newer one is left as it is.
// Several processes may do this at once: one migrates, the others wait for it. Throws
// SQLite::Exception.
void migrate(SQLite::Database& database);

// The version that this release knows (PRAGMA user_version).
int newest_schema_version();

}  // namespace baton::items
