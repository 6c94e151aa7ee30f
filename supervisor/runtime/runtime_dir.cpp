#include "supervisor/runtime/runtime_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace baton::runtime {
namespace {

constexpr const char* pid_file_name = "batond.pid";

Result<UniqueFd> open_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("cannot make runtime_dir " + path.string(), errno);
  }
  UniqueFd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return system_error("cannot open runtime_dir " + path.string(), errno);
  struct stat info {};
  if (::fstat(directory.get(), &info) != 0) return system_error("fstat " + path.string(), errno);
  if (info.st_uid != ::geteuid()) {
    return Error{Errc::not_permitted, "runtime_dir " + path.string() + " belongs to user id " +
                                          std::to_string(info.st_uid) + ", not to " +
                                          std::to_string(::geteuid()) +
                                          ": remove it or name another one"};
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error{Errc::not_permitted, "runtime_dir " + path.string() +
                                          " can be written by others: chmod 0700 it or name "
                                          "another one"};
  }
  return directory;
}

std::string holder(const UniqueFd& pid_file) {
  std::array<char, 24> text{};
  const ssize_t n = ::pread(pid_file.get(), text.data(), text.size(), 0);
  std::string pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  pid.resize(std::min(pid.size(), pid.find_first_not_of("0123456789")));
  return pid.empty() ? "another batond" : "another batond, pid " + pid + ",";
}

// An orderly batond unlinks its pid file at its end: a lock on a file that has gone holds nothing.
bool is_still_there(const UniqueFd& directory, const UniqueFd& pid_file) {
  struct stat named {};
  struct stat ours {};
  return ::fstatat(directory.get(), pid_file_name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstat(pid_file.get(), &ours) == 0 && named.st_dev == ours.st_dev &&
         named.st_ino == ours.st_ino;
}

Result<void> write_pid(const UniqueFd& pid_file, const std::string& path) {
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(pid_file.get(), 0) != 0 ||
      ::pwrite(pid_file.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return system_error("cannot write " + path, errno);
  }
  return {};
}

}  // namespace

Result<RuntimeDir> RuntimeDir::acquire(std::filesystem::path directory) {
  const auto opened = open_directory(directory);
  if (!opened) return opened.error();
  const std::string path = (directory / pid_file_name).string();
  for (;;) {
    UniqueFd file(
        ::openat(opened->get(), pid_file_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) return system_error("cannot open " + path, errno);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return system_error("cannot lock " + path, errno);
      return Error{Errc::busy, holder(file) + " already runs on " + directory.string()};
    }
    if (!is_still_there(*opened, file)) continue;
    if (auto written = write_pid(file, path); !written) return written.error();
    return RuntimeDir(std::move(directory), std::move(file));
  }
}

RuntimeDir::~RuntimeDir() {
  if (pid_file_) ::unlink((directory_ / pid_file_name).c_str());
}

}  // namespace baton::runtime
