// The last lines on a terminal while an operation runs: its generations (live_view.hpp). Drawn over
// themselves on stderr, a few times a second, by a thread of its own with a connection of its own,
// and erased at the end.
#pragma once

#include "supervisor/ctl/live_view.hpp"

#include <condition_variable>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>

namespace baton::ctl {

class LiveDisplay {
 public:
  LiveDisplay(std::string socket_path, std::string service, std::ostream& terminal);
  ~LiveDisplay();
  LiveDisplay(const LiveDisplay&) = delete;
  LiveDisplay& operator=(const LiveDisplay&) = delete;

  // A line that stays, above those that are redrawn.
  void print(const std::string& line);

 private:
  void follow();
  void erase();
  void redraw(const std::vector<std::string>& lines);

  const std::string socket_path_;
  const std::string service_;
  std::ostream& terminal_;
  LiveView view_;          // of the thread
  std::mutex mutex_;       // guards terminal_ and the three below
  std::size_t drawn_ = 0;  // lines
  std::condition_variable finished_changed_;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace baton::ctl
