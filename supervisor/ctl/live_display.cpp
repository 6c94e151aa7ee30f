#include "supervisor/ctl/live_display.hpp"

#include "supervisor/ctl/client.hpp"
#include "supervisor/ctl/services.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <utility>

namespace baton::ctl {
namespace {

constexpr auto pace = std::chrono::milliseconds{250};
constexpr std::uint16_t usual_columns = 80;
constexpr const char* erase_line = "\r\033[K";
constexpr const char* line_up = "\033[A";

// What wraps could not be erased again.
std::size_t columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return (known ? size.ws_col : usual_columns) - 1u;
}

}  // namespace

LiveDisplay::LiveDisplay(std::string socket_path, std::string service, std::ostream& terminal)
    : socket_path_(std::move(socket_path)), service_(std::move(service)), terminal_(terminal) {
  thread_ = std::thread([this] { follow(); });
}

LiveDisplay::~LiveDisplay() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    erase();
    terminal_ << std::flush;
  }
  finished_changed_.notify_one();
  thread_.join();
}

void LiveDisplay::print(const std::string& line) {
  const std::lock_guard lock(mutex_);
  erase();
  terminal_ << line << std::endl;
}

void LiveDisplay::follow() {
  Client client(socket_path_);
  std::unique_lock lock(mutex_);
  while (!finished_changed_.wait_for(lock, pace, [this] { return finished_; })) {
    lock.unlock();
    std::vector<std::string> lines;
    if (const auto status = ask_status(client)) {
      if (const auto service = find_service(*status, service_)) {
        lines = view_.draw(*service, columns());
      }
    }
    lock.lock();
    if (!finished_) redraw(lines);
  }
}

void LiveDisplay::erase() {
  terminal_ << erase_line;
  for (; drawn_ > 0; --drawn_)
    terminal_ << line_up << erase_line;
}

void LiveDisplay::redraw(const std::vector<std::string>& lines) {
  erase();
  for (const std::string& line : lines)
    terminal_ << line << "\n";
  terminal_ << std::flush;
  drawn_ = lines.size();
}

}  // namespace baton::ctl
