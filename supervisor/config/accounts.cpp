#include "supervisor/config/accounts.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <vector>

namespace baton::config {
namespace {

// Of one entry, a group's list of members included.
constexpr std::size_t record_bytes = 64 * 1024;

Error not_found(const std::string& kind, const std::string& name, int error_number) {
  if (error_number != 0)
    return system_error("cannot look up the " + kind + " '" + name + "'", error_number);
  return {Errc::not_found, "there is no " + kind + " '" + name + "' on this machine"};
}

Error needs_root(const std::string& kind, const std::string& name) {
  return {Errc::not_permitted,
          "only a batond that runs as root can run workers as the " + kind + " '" + name + "'"};
}

}  // namespace

Result<void> check_user(const std::string& name) {
  std::vector<char> buffer(record_bytes);
  passwd entry{};
  passwd* found = nullptr;
  const int failed = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) return not_found("user", name, failed);
  if (::geteuid() != 0 && found->pw_uid != ::geteuid()) return needs_root("user", name);
  return {};
}

Result<void> check_group(const std::string& name) {
  std::vector<char> buffer(record_bytes);
  group entry{};
  group* found = nullptr;
  const int failed = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) return not_found("group", name, failed);
  if (::geteuid() != 0 && found->gr_gid != ::getegid()) return needs_root("group", name);
  return {};
}

}  // namespace baton::config
