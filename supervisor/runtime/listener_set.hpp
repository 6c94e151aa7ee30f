// The listening sockets of the supervisor: bound once, held as long as anything needs them. The
// only place in batond that binds a service's sockets.
//
// A Listener is shared by the set, while it is configured, and by each generation that was given
// it. The last one to let go closes it; so a listener that is removed from the config goes when the
// services that used it have let go, and what waits in its queue is not reset before.
//
// A TCP listener has one lane, or two between which the kernel splits the new connections
// (lanes.hpp). Once there, the second lane stays as long as the first: closing one would reset what
// waits in it.
#pragma once

#include "common/net/address.hpp"
#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "supervisor/config/config.hpp"

#include <sys/types.h>

#include <array>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace baton::runtime {

class Listener {
 public:
  static Result<std::shared_ptr<Listener>> bind(const net::Address& address, int backlog);
  // Unlinks a Unix socket's path if it is still this socket's: workers never do.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::span<const UniqueFd> lanes() const { return std::span(lanes_).first(lanes_[1] ? 2 : 1); }
  // With the backlog of the first, and given nothing yet. Does nothing where there is one already.
  // Errc::invalid_input for a Unix socket.
  Result<void> open_second_lane();
  // Gives lane 1 `weight` percent (0 to 100) of the new connections, lane 0 the rest.
  // Errc::invalid_input where there is one lane, unless nothing is to be taken from it.
  Result<void> split(unsigned weight, config::Split by);

  const std::string& address() const { return address_; }  // with the port that was picked

  // Of each lane.
  Result<void> set_backlog(int backlog);

 private:
  Listener(UniqueFd socket, std::string address, int backlog);
  Result<void> open_to_all(const net::UnixAddress& address);

  std::array<UniqueFd, 2> lanes_;  // the second where it has been opened
  std::string address_;
  int backlog_;
  std::string path_;  // of a Unix socket
  dev_t device_ = 0;  // which file it was when we made it
  ino_t inode_ = 0;
};

class ListenerSet {
 public:
  // All or nothing: what is new is bound first, and if that fails nothing has changed. Returns the
  // names of those that were bound. Identity is the address (with the name, where the kernel is to
  // pick the port), so a listener keeps its socket, and its queue, when only its name changes, and
  // one that comes back while an old generation still holds it is found again. A changed backlog is
  // applied to the socket. A Unix socket gets mode 0666, as a TCP port is open to all users of the
  // machine; its directory restricts who can reach it. Those named in `to_be_split` get a second
  // lane, and keep it whatever comes later, a failure included.
  Result<std::vector<std::string>> apply(const std::map<std::string, config::Listener>& wanted,
                                         const std::set<std::string>& to_be_split = {});

  // Null when there is none of that name.
  std::shared_ptr<Listener> find(const std::string& name) const;

  void clear() { named_.clear(); }

 private:
  std::shared_ptr<Listener> held(const std::string& identity) const;

  std::map<std::string, std::shared_ptr<Listener>> named_;
  // By identity, configured or not any more, as long as anybody holds it.
  std::map<std::string, std::weak_ptr<Listener>> bound_;
};

}  // namespace baton::runtime
