#include "tests/support/lines.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace baton::testing {

Lines::Lines(UniqueFd pipe) : pipe_(std::move(pipe)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
  thread_ = std::thread([this] { read(); });
}

Lines::~Lines() {
  finish();
}

void Lines::finish() {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void Lines::read() {
  pollfd fds[] = {{pipe_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  while (fds[1].revents == 0) {
    ::poll(fds, 2, -1);
    while (read_some()) {
    }
    if (fds[0].revents & (POLLHUP | POLLERR)) fds[0].fd = -1;  // ended: wait for stop only
  }
  const std::lock_guard lock(mutex_);
  if (!partial_.empty()) lines_.push_back(std::exchange(partial_, {}));
  ended_ = true;
  more_.notify_all();
}

bool Lines::read_some() {
  char buffer[16 * 1024];
  const auto size = ::read(pipe_.get(), buffer, sizeof buffer);
  if (size <= 0) return false;
  add(buffer, static_cast<std::size_t>(size));
  return true;
}

void Lines::add(const char* bytes, std::size_t size) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] == '\n') {
      lines_.push_back(std::exchange(partial_, {}));
    } else {
      partial_ += bytes[i];
    }
  }
  more_.notify_all();
}

std::optional<std::string> Lines::wait_for(const std::function<bool(const std::string&)>& fits,
                                           std::size_t from, std::chrono::milliseconds limit) {
  std::optional<std::string> found;
  std::unique_lock lock(mutex_);
  more_.wait_for(lock, limit, [&] {
    for (; from < lines_.size() && !found; ++from) {
      if (fits(lines_[from])) found = lines_[from];
    }
    return found || ended_;
  });
  return found;
}

std::optional<std::string> Lines::wait_for(const std::string& part, std::size_t from) {
  return wait_for([&](const std::string& line) { return line.find(part) != std::string::npos; },
                  from);
}

std::size_t Lines::count() const {
  const std::lock_guard lock(mutex_);
  return lines_.size();
}

std::vector<std::string> Lines::all() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::string Lines::text() const {
  std::string result;
  for (const auto& line : all())
    result += line + "\n";
  return result;
}

}  // namespace baton::testing
