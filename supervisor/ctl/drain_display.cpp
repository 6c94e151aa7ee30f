#include "supervisor/ctl/drain_display.hpp"

#include "supervisor/ctl/client.hpp"
#include "supervisor/ctl/services.hpp"
#include "supervisor/ctl/status_table.hpp"

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

}  // namespace

DrainDisplay::DrainDisplay(std::string socket_path, std::string service, std::ostream& terminal)
    : socket_path_(std::move(socket_path)), service_(std::move(service)), terminal_(terminal) {
  thread_ = std::thread([this] { follow(); });
}

DrainDisplay::~DrainDisplay() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    terminal_ << erase_line << std::flush;
  }
  finished_changed_.notify_one();
  thread_.join();
}

void DrainDisplay::print(const std::string& line) {
  const std::lock_guard lock(mutex_);
  terminal_ << erase_line << line << std::endl;
}

void DrainDisplay::follow() {
  Client client(socket_path_);
  std::unique_lock lock(mutex_);
  while (!finished_changed_.wait_for(lock, pace, [this] { return finished_; })) {
    lock.unlock();
    std::string text;
    if (const auto status = ask_status(client)) {
      if (const auto service = find_service(*status, service_)) text = describe_drain(*service);
    }
    lock.lock();
    if (!finished_) redraw(text);
  }
}

// One row at most: what wraps could not be erased again.
void DrainDisplay::redraw(const std::string& text) {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const std::size_t room = (known ? size.ws_col : usual_columns) - 1u;
  terminal_ << erase_line << (text.empty() ? text : "  " + text).substr(0, room) << std::flush;
}

}  // namespace baton::ctl
