// The last line on a terminal while an operation runs: what still drains, and how long it may.
// Drawn over itself on stderr, a few times a second, by a thread of its own with a connection of
// its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>

namespace baton::ctl {

class DrainDisplay {
 public:
  DrainDisplay(std::string socket_path, std::string service, std::ostream& terminal);
  ~DrainDisplay();
  DrainDisplay(const DrainDisplay&) = delete;
  DrainDisplay& operator=(const DrainDisplay&) = delete;

  // A line that stays, above the one that is redrawn.
  void print(const std::string& line);

 private:
  void follow();
  void redraw(const std::string& text);

  const std::string socket_path_;
  const std::string service_;
  std::ostream& terminal_;
  std::mutex mutex_;  // guards terminal_ and the two below
  std::condition_variable finished_changed_;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace baton::ctl
