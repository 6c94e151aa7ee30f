#include "common/open_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace baton {
namespace {

constexpr rlim_t roomy = 16'384;

}  // namespace

std::optional<rlimit> raise_open_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  const rlimit given = limit;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return given;
}

void enlarge_descriptor_table() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == 0) return;
  const auto last = static_cast<int>(std::min(limit.rlim_cur, roomy) - 1);
  const int copy = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, last);
  if (copy >= 0) ::close(copy);
}

}  // namespace baton
