#include "supervisor/runtime/listener_set.hpp"

#include "common/net/listen.hpp"
#include "supervisor/runtime/lanes.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <variant>

namespace baton::runtime {
namespace {

std::string identity(const config::Listener& listener) {
  std::string address = net::format_address(listener.address);
  const bool kernel_picks = address.ends_with(":0") && !address.starts_with("unix:");
  return kernel_picks ? address + " " + listener.name : address;
}

Error of(const std::string& name, const Error& error) {
  return {error.code, "listener " + name + ": " + error.message};
}

}  // namespace

Listener::Listener(UniqueFd socket, std::string address, int backlog)
    : lanes_{std::move(socket), {}}, address_(std::move(address)), backlog_(backlog) {}

Result<std::shared_ptr<Listener>> Listener::bind(const net::Address& address, int backlog) {
  const auto* const unix_address = std::get_if<net::UnixAddress>(&address);
  auto socket = net::bind_to(address);
  if (!socket) return socket.error();
  // A kernel that can't is told when there is to be a second lane; one lane works without.
  if (!unix_address) static_cast<void>(begin_group(*socket));
  const auto local = net::local_address(*socket);
  if (!local) return local.error();
  std::shared_ptr<Listener> listener(
      new Listener(std::move(*socket), net::format_address(*local), backlog));
  if (unix_address) {
    if (auto opened = listener->open_to_all(*unix_address); !opened) return opened.error();
  }
  if (auto listening = listener->set_backlog(backlog); !listening) return listening.error();
  return listener;
}

Listener::~Listener() {
  struct stat now {};
  if (path_.empty() || ::lstat(path_.c_str(), &now) != 0) return;
  if (now.st_dev == device_ && now.st_ino == inode_) ::unlink(path_.c_str());
}

Result<void> Listener::set_backlog(int backlog) {
  backlog_ = backlog;
  for (const UniqueFd& lane : lanes()) {
    if (::listen(lane.get(), backlog) != 0) return system_error("listen on " + address_, errno);
  }
  return {};
}

Result<void> Listener::open_second_lane() {
  if (lanes_[1]) return {};
  if (!path_.empty()) {
    return Error{Errc::invalid_input, address_ + " can't be split: only TCP listeners can"};
  }
  auto lane = join_group(lanes_.front(), backlog_);
  if (!lane) return Error{lane.error().code, address_ + ": " + lane.error().message};
  lanes_[1] = std::move(*lane);
  return {};
}

Result<void> Listener::split(unsigned weight, config::Split by) {
  if (lanes_[1]) {
    auto set = split_group(lanes_.front(), weight, by);
    return set ? set : Error{set.error().code, address_ + ": " + set.error().message};
  }
  if (weight == 0) return {};
  return Error{Errc::invalid_input, address_ + " can't be split: it has one lane"};
}

Result<void> Listener::open_to_all(const net::UnixAddress& address) {
  struct stat made {};
  if (::lstat(address.path.c_str(), &made) != 0) {
    return system_error("cannot find the socket just made at " + address.path, errno);
  }
  path_ = address.path;
  device_ = made.st_dev;
  inode_ = made.st_ino;
  if (::chmod(path_.c_str(), 0666) != 0) return system_error("cannot chmod " + path_, errno);
  return {};
}

Result<std::vector<std::string>> ListenerSet::apply(
    const std::map<std::string, config::Listener>& wanted,
    const std::set<std::string>& to_be_split) {
  std::map<std::string, std::shared_ptr<Listener>> next;
  std::vector<std::string> fresh;
  for (const auto& [name, listener] : wanted) {
    auto known = held(identity(listener));
    if (!known) {
      auto bound = Listener::bind(listener.address, listener.backlog);
      if (!bound) return of(name, bound.error());
      known = std::move(*bound);
      fresh.push_back(name);
    }
    next.emplace(name, std::move(known));
  }
  for (const auto& [name, listener] : next) {
    if (!to_be_split.contains(name)) continue;
    if (auto opened = listener->open_second_lane(); !opened) return of(name, opened.error());
  }
  // From here on nothing can fail: listen(2) on a listening socket only sets its backlog.
  for (const auto& [name, listener] : next) {
    static_cast<void>(listener->set_backlog(wanted.at(name).backlog));
    bound_[identity(wanted.at(name))] = listener;
  }
  named_ = std::move(next);
  std::erase_if(bound_, [](const auto& entry) { return entry.second.expired(); });
  return fresh;
}

std::shared_ptr<Listener> ListenerSet::find(const std::string& name) const {
  const auto found = named_.find(name);
  return found == named_.end() ? nullptr : found->second;
}

std::shared_ptr<Listener> ListenerSet::held(const std::string& identity) const {
  const auto found = bound_.find(identity);
  return found == bound_.end() ? nullptr : found->second.lock();
}

}  // namespace baton::runtime
