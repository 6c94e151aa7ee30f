#include "tests/unit/supervisor/runtime/scripted_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <unistd.h>

#include <utility>

namespace baton::runtime {

namespace asio = boost::asio;

ScriptedServer::ScriptedServer(asio::io_context& io, const ProbeListener& listener, Script script)
    : acceptor_(io, Protocol(), ::dup(listener.socket().get())), script_(std::move(script)) {
  asio::co_spawn(io, accept(), asio::detached);
}

// A client that has gone away ends a coroutine with an exception, and nothing else.

asio::awaitable<void> ScriptedServer::accept() {
  for (;;) {
    Protocol::socket connection = co_await acceptor_.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor_.get_executor(), serve(std::move(connection)), asio::detached);
  }
}

asio::awaitable<void> ScriptedServer::serve(Protocol::socket connection) {
  std::string request;
  co_await asio::async_read_until(connection, asio::dynamic_buffer(request), "\r\n\r\n",
                                  asio::use_awaitable);
  requests_.push_back(std::move(request));
  for (const std::string& piece : script_.pieces) {
    co_await asio::async_write(connection, asio::buffer(piece), asio::use_awaitable);
    // The client is to see it alone.
    co_await asio::post(acceptor_.get_executor(), asio::use_awaitable);
  }
  while (script_.afterwards == Afterwards::repeat_the_last) {
    co_await asio::async_write(connection, asio::buffer(script_.pieces.back()),
                               asio::use_awaitable);
  }
  if (script_.afterwards == Afterwards::hold) held_.push_back(std::move(connection));
}

}  // namespace baton::runtime
