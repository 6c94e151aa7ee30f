// One question to one worker: GET over its probe listener, and what is wrong with the answer. When
// to ask, and what a failure means, is the core's. Owns its connection; one thread, never blocks,
// bounded in time, header and body. Destroying it takes the question back, and `answered` is then
// never called.
#pragma once

#include "supervisor/config/config.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace boost::asio {
class io_context;
}

namespace baton::runtime {

class HealthProbe {
 public:
  // Nothing: it passed, with the status that is wanted and an answer that is complete, or longer
  // than 4 KiB. Else one sentence for the operator, with the first line of the body where the
  // status is another.
  using Answered = std::function<void(std::optional<std::string> trouble)>;

  // `socket_path` is that of a ProbeListener. `answered` is called once, from the event loop, and
  // may destroy this.
  HealthProbe(boost::asio::io_context& io, const std::string& socket_path,
              const config::HealthProbe& wanted, Answered answered);
  ~HealthProbe();
  HealthProbe(const HealthProbe&) = delete;
  HealthProbe& operator=(const HealthProbe&) = delete;

 private:
  class Question;
  std::shared_ptr<Question> question_;
};

}  // namespace baton::runtime
