// Cuts a stream of bytes into lines of a bounded length. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace baton::runtime {

inline constexpr std::size_t max_line_bytes = 8 * 1024;
// Ends a line that was cut; its rest follows as lines of its own.
inline constexpr std::string_view cut_mark = " [cut]";

class LineSplitter {
 public:
  using OnLine = std::function<void(std::string)>;

  explicit LineSplitter(OnLine on_line) : on_line_(std::move(on_line)) {}

  void feed(std::string_view bytes);
  void finish();  // the stream has ended: what is left is a line too

 private:
  void append(std::string_view bytes);
  void emit();

  OnLine on_line_;
  std::string line_;
};

}  // namespace baton::runtime
