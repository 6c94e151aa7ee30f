// Records for the history's tests.
#pragma once

#include "common/admin/api_json.hpp"

#include <string>

namespace baton::history {

inline admin::DeployRecord record(const std::string& service, std::uint64_t generation,
                                  const std::string& outcome = "done") {
  admin::DeployRecord record;
  record.id = service + "-" + std::to_string(generation);
  record.service = service;
  record.generation = generation;
  record.kind = "deploy";
  record.release = "/srv/" + service;
  record.by = "alice (uid 1000)";
  record.started_ms = 1'000 + static_cast<std::int64_t>(generation);
  record.finished_ms = outcome == "running" ? 0 : record.started_ms + 50;
  record.outcome = outcome;
  return record;
}

// As text, so that all of it is compared.
inline std::string text(const admin::DeployRecord& record) {
  return admin::dump(record);
}

}  // namespace baton::history
