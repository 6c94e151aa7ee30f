#include "supervisor/runtime/credentials.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>

namespace baton::runtime {
namespace {

std::vector<gid_t> groups_of(const std::string& user, gid_t primary) {
  int count = 32;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  while (::getgrouplist(user.c_str(), primary, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

Result<const passwd*> find_user(const std::string& user) {
  errno = 0;
  const passwd* entry = user.empty() ? ::getpwuid(::geteuid()) : ::getpwnam(user.c_str());
  if (entry != nullptr) return entry;
  if (user.empty()) {
    return Error{Errc::not_found, "the user with id " + std::to_string(::geteuid()) +
                                      " has no name: name a user beside the group"};
  }
  return Error{Errc::not_found, "there is no user '" + user + "' on this machine"};
}

}  // namespace

Result<std::optional<Credentials>> look_up_credentials(const std::string& user,
                                                       const std::string& group) {
  if (user.empty() && group.empty()) return std::optional<Credentials>{};
  const auto entry = find_user(user);
  if (!entry) return entry.error();

  Credentials found{.uid = (*entry)->pw_uid,
                    .gid = (*entry)->pw_gid,
                    .groups = {},
                    .user = (*entry)->pw_name,
                    .home = (*entry)->pw_dir};
  if (!group.empty()) {
    const ::group* named = ::getgrnam(group.c_str());
    if (named == nullptr) {
      return Error{Errc::not_found, "there is no group '" + group + "' on this machine"};
    }
    found.gid = named->gr_gid;
  }
  if (::geteuid() != 0) {
    if (found.uid == ::geteuid() && found.gid == ::getegid()) return std::optional<Credentials>{};
    return Error{Errc::not_permitted, "only root can run a worker as user '" + found.user +
                                          "': start batond as root, or leave `user` and `group` "
                                          "out"};
  }
  found.groups = groups_of(found.user, found.gid);
  return std::optional(std::move(found));
}

}  // namespace baton::runtime
