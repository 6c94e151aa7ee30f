#include "supervisor/config/accounts.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <vector>

namespace baton::config {
namespace {

constexpr std::size_t record_bytes = 64 * 1024;

Error no_such(const char* kind, const std::string& name) {
  return {Errc::not_found, std::string("there is no ") + kind + " '" + name + "' on this machine"};
}

Error needs_root(const char* key) {
  return {Errc::not_permitted, std::string("'") + key + "' needs a batond that runs as root"};
}

}  // namespace

Result<void> check_user(const std::string& name) {
  if (name.empty()) return {};
  std::vector<char> buffer(record_bytes);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) return no_such("user", name);
  if (::geteuid() != 0 && found->pw_uid != ::geteuid()) return needs_root("user");
  return {};
}

Result<void> check_group(const std::string& name) {
  if (name.empty()) return {};
  std::vector<char> buffer(record_bytes);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) return no_such("group", name);
  if (::geteuid() != 0 && found->gr_gid != ::getegid()) return needs_root("group");
  return {};
}

}  // namespace baton::config
