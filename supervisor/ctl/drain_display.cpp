#include "supervisor/ctl/drain_display.hpp"

#include "supervisor/ctl/client.hpp"
#include "supervisor/ctl/status_table.hpp"

#include <chrono>
#include <utility>

namespace baton::ctl {
namespace {

constexpr auto pace = std::chrono::milliseconds{250};
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
    Json json;
    std::string text;
    if (!client.get("/v1/status", json)) {
      const auto status = admin::decode<admin::Status>(json);
      for (const auto& service : status ? status->services : std::vector<admin::ServiceStatus>{}) {
        if (service.name == service_) text = describe_drain(service);
      }
    }
    lock.lock();
    if (!finished_) redraw(text);
  }
}

void DrainDisplay::redraw(const std::string& text) {
  terminal_ << erase_line << (text.empty() ? "" : "  ") << text << std::flush;
}

}  // namespace baton::ctl
