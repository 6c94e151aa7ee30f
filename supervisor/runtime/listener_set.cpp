#include "supervisor/runtime/listener_set.hpp"

#include "common/net/listen.hpp"

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

}  // namespace

Result<std::shared_ptr<Listener>> Listener::bind(const net::Address& address, int backlog) {
  auto socket = net::listen_on(address, backlog);
  if (!socket) return socket.error();
  const auto local = net::local_address(*socket);
  if (!local) return local.error();
  std::shared_ptr<Listener> listener(new Listener(std::move(*socket), net::format_address(*local)));
  if (const auto* unix_address = std::get_if<net::UnixAddress>(&address)) {
    if (auto opened = listener->open_to_all(*unix_address); !opened) return opened.error();
  }
  return listener;
}

Listener::~Listener() {
  struct stat now {};
  if (path_.empty() || ::lstat(path_.c_str(), &now) != 0) return;
  if (now.st_dev == device_ && now.st_ino == inode_) ::unlink(path_.c_str());
}

Result<void> Listener::set_backlog(int backlog) {
  if (::listen(socket_.get(), backlog) != 0) return system_error("listen on " + address_, errno);
  return {};
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
    const std::map<std::string, config::Listener>& wanted) {
  std::map<std::string, std::shared_ptr<Listener>> next;
  std::vector<std::string> fresh;
  for (const auto& [name, listener] : wanted) {
    auto known = held(identity(listener));
    if (!known) {
      auto bound = Listener::bind(listener.address, listener.backlog);
      if (!bound)
        return Error{bound.error().code, "listener " + name + ": " + bound.error().message};
      known = std::move(*bound);
      fresh.push_back(name);
    }
    next.emplace(name, std::move(known));
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
