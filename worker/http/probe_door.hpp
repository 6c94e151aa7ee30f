// Where the supervisor asks a server how it is: a private listener on one io thread, served by the
// same routes, and beside everything that a drain does: its connections are neither counted nor
// told to close nor handed over. Belongs to its io thread.
#pragma once

#include "common/unique_fd.hpp"
#include "worker/http/acceptor.hpp"
#include "worker/http/connection.hpp"
#include "worker/http/thread_state.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>

namespace baton::http {

class ProbeDoor {
 public:
  // Accepts at once. `thread` is that of the io thread's clients, of which only what it refers to
  // is used. `on_closed` is called when closed() has become true.
  ProbeDoor(const ThreadState& thread, UniqueFd listener, std::function<void()> on_closed);

  // Cuts what is open, and accepts no more.
  void close();
  bool closed() const { return !acceptor_ && connections_.empty(); }

 private:
  void serve(UniqueFd socket);

  Room nobody_takes_;
  ThreadState state_;
  boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionListHook>,
                         boost::intrusive::constant_time_size<false>>
      connections_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace baton::http
