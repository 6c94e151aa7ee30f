// The Asio types of the engine, all bound to one io_context a thread: no type-erased executor on
// the request path. Included by the engine's own sources only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace baton::http {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;

}  // namespace baton::http
