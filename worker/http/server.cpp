#include "worker/http/server.hpp"

#include "worker/http/io_thread.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>
#include <vector>

namespace baton::http {
namespace {

// Sums up the reports of all threads; with the last one it calls `done`. One thread.
class DrainTally {
 public:
  DrainTally(std::size_t threads, std::function<void(DrainReport)> done)
      : missing_(threads), done_(std::move(done)) {}

  void add(const DrainReport& report) {
    sum_.finished += report.finished;
    sum_.cut_requests += report.cut_requests;
    sum_.closed_connections += report.closed_connections;
    if (--missing_ == 0) done_(sum_);
  }

 private:
  std::size_t missing_;
  DrainReport sum_;
  std::function<void(DrainReport)> done_;
};

}  // namespace

struct Server::Impl {
  Impl(Router routes, Settings engine_settings)
      : router(std::move(routes)),
        settings(std::move(engine_settings)),
        pool(settings.pool_threads) {
    for (unsigned i = 0; i < std::max(settings.threads, 1u); ++i) {
      threads.push_back(std::make_unique<IoThread>(pool, router, settings, room));
    }
    for (std::size_t i = 1; i < threads.size(); ++i)
      helpers.emplace_back([thread = threads[i].get()] { thread->run(); });
  }

  const Router router;
  const Settings settings;
  asio::thread_pool pool;
  Room room;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::vector<std::jthread> helpers;  // run all of them but the first

  template <class Function>
  void on_first(Function function) {
    threads.front()->loop().dispatch(std::move(function));
  }

  // An fd of its own for each thread, so that each can leave its epoll set and close by itself.
  Result<std::vector<Door>> copy_doors(const WantsLane& wants) const {
    std::vector<Door> doors;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      if (!wants(listeners[i].lane)) continue;
      UniqueFd copy(::fcntl(listeners[i].socket.get(), F_DUPFD_CLOEXEC, 3));
      if (!copy) return system_error("cannot accept connections: fcntl(F_DUPFD_CLOEXEC)", errno);
      doors.push_back({i, std::move(copy)});
    }
    return doors;
  }

  struct Listener {
    UniqueFd socket;
    unsigned lane = 0;
  };
  std::vector<Listener> listeners;
  std::atomic<std::size_t> next_to_adopt = 0;
};

Server::Server(Router router, Settings settings)
    : impl_(std::make_unique<Impl>(std::move(router), std::move(settings))) {}

Server::~Server() {
  stop();
  run();
}

void Server::run() {
  impl_->threads.front()->run();
  impl_->helpers.clear();
  impl_->pool.join();
}

void Server::stop() {
  for (const auto& thread : impl_->threads)
    thread->stop();
}

Loop& Server::loop() {
  return impl_->threads.front()->loop();
}

void Server::add_listener(UniqueFd socket, unsigned lane) {
  const int yes = 1;
  // Fails for a Unix socket, which has no such delay.
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  impl_->listeners.push_back({std::move(socket), lane});
}

void Server::serve_probes(UniqueFd listener) {
  impl_->threads.front()->serve_probes(std::move(listener));
}

Result<void> Server::activate(const WantsLane& wants, std::function<void()> accepting) {
  impl_->room.close();
  std::vector<std::vector<Door>> doors;
  for (std::size_t i = 0; i < impl_->threads.size(); ++i) {
    auto copies = impl_->copy_doors(wants);
    if (!copies) return copies.error();
    doors.push_back(std::move(*copies));
  }
  const auto missing = std::make_shared<std::size_t>(doors.size());
  for (std::size_t i = 0; i < doors.size(); ++i) {
    impl_->threads[i]->activate(std::move(doors[i]), [this, missing, accepting] {
      impl_->on_first([missing, accepting] {
        if (--*missing == 0) accepting();
      });
    });
  }
  return {};
}

void Server::give(std::size_t room) {
  impl_->room.add(room);
  for (const auto& thread : impl_->threads)
    thread->give_away();
}

void Server::keep() {
  impl_->room.close();
  for (const auto& thread : impl_->threads)
    thread->keep();
}

void Server::adopt(LiveConnection connection) {
  const std::size_t next = impl_->next_to_adopt.fetch_add(1, std::memory_order_relaxed);
  impl_->threads[next % impl_->threads.size()]->adopt(std::move(connection));
}

void Server::drain(DrainOrder order, std::function<void(DrainReport)> done) {
  const auto tally = std::make_shared<DrainTally>(impl_->threads.size(), std::move(done));
  std::vector<Door> also;
  if (order.backlog == Backlog::serve) {
    // The queues of the lanes that somebody else was to accept from.
    if (auto all = impl_->copy_doors([](unsigned) { return true; })) also = std::move(*all);
  }
  for (const auto& thread : impl_->threads) {
    thread->drain(order, std::exchange(also, {}), [this, tally](const DrainReport& report) {
      impl_->on_first([tally, report] { tally->add(report); });
    });
  }
}

void Server::cut() {
  for (const auto& thread : impl_->threads)
    thread->cut();
}

Progress Server::progress() const {
  Progress sum;
  for (const auto& thread : impl_->threads) {
    sum.connections += thread->counters().connections.value();
    sum.in_flight += thread->counters().in_flight.value();
    sum.requests += thread->counters().requests.value();
    sum.errors += thread->counters().errors.value();
  }
  return sum;
}

}  // namespace baton::http
