// What the supervisor did and what its workers printed: each goes to the log at once, and stays in
// memory for a while for the admin API. Not thread-safe.
#pragma once

#include "common/admin/api.hpp"
#include "supervisor/log/log.hpp"
#include "supervisor/log/ring.hpp"

namespace baton::log {

class Journal {
 public:
  explicit Journal(Log& log);  // which must outlive the journal

  // Sequence and time are set here.
  void record(Level level, admin::Event event);
  void print(admin::LogLine line);  // one line of a worker, at level info

  // A line that only the log is interested in.
  void write(Level level, std::string_view text);

  Log& log() { return log_; }
  Ring<admin::Event>& events() { return events_; }
  const Ring<admin::Event>& events() const { return events_; }
  Ring<admin::LogLine>& lines() { return lines_; }
  const Ring<admin::LogLine>& lines() const { return lines_; }

 private:
  Log& log_;
  Ring<admin::Event> events_;
  Ring<admin::LogLine> lines_;
};

}  // namespace baton::log
