// From a file to its text; parse.cpp takes it from there.
#include "common/unique_fd.hpp"
#include "supervisor/config/config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace baton::config {
namespace {

// O_NONBLOCK, so that a FIFO does not hold us up before it is refused.
Result<UniqueFd> open_regular_file(const std::filesystem::path& file) {
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return system_error("the file can't be opened", errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_error("the file can't be read", errno);
  if (S_ISDIR(status.st_mode)) return Error{Errc::invalid_input, "it is a directory, not a file"};
  if (!S_ISREG(status.st_mode)) return Error{Errc::invalid_input, "it is not a regular file"};
  return fd;
}

Result<std::string> read_text(const UniqueFd& fd) {
  std::string text;
  std::array<char, 16 * 1024> chunk{};
  while (true) {
    const ssize_t count = ::read(fd.get(), chunk.data(), chunk.size());
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("the file can't be read", errno);
    text.append(chunk.data(), static_cast<std::size_t>(count));
    if (text.size() > max_file_bytes) return Error{Errc::too_large, "it is larger than 1 MiB"};
  }
}

}  // namespace

Loaded load(const std::filesystem::path& file) {
  const auto refuse = [&](const Error& error) -> Loaded {
    return Problems{{Problem{file.string(), 0, 0, error.message}}};
  };
  const auto fd = open_regular_file(file);
  if (!fd) return refuse(fd.error());
  const auto text = read_text(*fd);
  if (!text) return refuse(text.error());
  return parse(*text, file.string());
}

}  // namespace baton::config
