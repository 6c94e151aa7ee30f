#include "supervisor/runtime/line_splitter.hpp"

#include <utility>

namespace baton::runtime {

void LineSplitter::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    append(bytes.substr(0, newline));
    if (newline == std::string_view::npos) return;
    emit();
    bytes.remove_prefix(newline + 1);
  }
}

void LineSplitter::finish() {
  if (!line_.empty()) emit();
}

// A line is cut only when a byte more has come, so one of exactly the longest length stays whole.
void LineSplitter::append(std::string_view bytes) {
  while (line_.size() + bytes.size() > max_line_bytes) {
    const std::size_t room = max_line_bytes - line_.size();
    line_ += bytes.substr(0, room);
    line_ += cut_mark;
    emit();
    bytes.remove_prefix(room);
  }
  line_ += bytes;
}

void LineSplitter::emit() {
  if (line_.ends_with('\r')) line_.pop_back();
  on_line_(std::exchange(line_, {}));
}

}  // namespace baton::runtime
