// What an engine is told once, at start-up. Plain values.
#pragma once

#include "common/duration.hpp"
#include "worker/http/request_reader.hpp"

#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace baton::http {

struct Timeouts {
  Duration read_header{5'000};  // from the first byte of a request to the end of its header: 408
  Duration read{10'000};        // from the first byte of a request to its last: 408
  Duration write{10'000};       // from the first byte of a response to its last: dropped
  Duration idle{10'000};        // without a byte of a request: closed
};

struct Settings {
  Timeouts timeouts{};
  ReadLimits limits{};
  unsigned threads = 1;       // that serve connections
  unsigned pool_threads = 2;  // that run the handlers which may block
  std::string identity{};     // the value of X-Worker in each response; empty: there is none
  std::shared_ptr<spdlog::logger> log{};
};

}  // namespace baton::http
