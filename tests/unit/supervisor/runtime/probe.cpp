// A child process for the tests: says what it was given, or does as it is told.
//   probe report              what it finds itself to be, a "name value" line each
//   probe exit CODE
//   probe leave-grandchild    ends at once; what it leaves behind holds its standard output
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

namespace {

void report_file_descriptors() {
  std::cout << "fds";
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) std::cout << ' ' << fd;
  }
  struct stat input {};
  struct stat null {};
  ::fstat(0, &input);
  ::stat("/dev/null", &null);
  std::cout << "\nstdin " << (input.st_rdev == null.st_rdev ? "/dev/null" : "other") << '\n';
}

void report_signals() {
  sigset_t blocked;
  ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
  int blocked_count = 0;
  int ignored_count = 0;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigismember(&blocked, number) == 1) ++blocked_count;
    if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) ++ignored_count;
  }
  std::cout << "blocked " << blocked_count << "\nignored " << ignored_count << '\n';
}

void report_identity() {
  std::array<gid_t, 128> groups{};
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  std::cout << "uid " << ::getuid() << ' ' << ::geteuid() << "\ngid " << ::getgid() << ' '
            << ::getegid() << "\ngroups";
  for (int i = 0; i < count; ++i)
    std::cout << ' ' << groups.at(static_cast<std::size_t>(i));
  std::cout << "\nno_new_privs " << ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) << "\nroot_again "
            << (::getuid() != 0 && ::setuid(0) == 0 ? "yes" : "no") << '\n';
}

// The room in the kernel's table of descriptors, as proc_pid_status(5) says it.
std::string table_size() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "FDSize:" && status >> word) return word;
  }
  return "unknown";
}

void report(char** environment) {
  report_file_descriptors();
  report_signals();
  report_identity();
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  std::cout << "leads_group " << (::getpgrp() == ::getpid() ? "yes" : "no") << "\ndirectory "
            << std::filesystem::current_path().string() << "\nopen_files " << files.rlim_cur
            << "\ntable_size " << table_size() << '\n';
  for (; *environment != nullptr; ++environment)
    std::cout << "env " << *environment << '\n';
}

}  // namespace

int main(int argc, char** argv, char** environment) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "report") {
    report(environment);
  } else if (verb == "exit") {
    return std::atoi(argv[2]);
  } else if (verb == "leave-grandchild") {
    if (::fork() == 0) {
      std::signal(SIGTERM, SIG_IGN);
      for (;;)
        ::pause();
    }
  }
}
