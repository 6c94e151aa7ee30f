// One question to one worker: GET over its probe listener, and what is wrong with the answer.
// Asynchronous, one thread, bounded in time and size. Destroying it takes the question back, and
// `answered` is then never called.
#pragma once

#include "supervisor/config/config.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace baton::runtime {

class HealthProbe {
 public:
  // Nothing: it passed. Else one sentence for the operator, with the first line of the body.
  using Answered = std::function<void(std::optional<std::string> trouble)>;

  // `answered` is called once, from the event loop, and may destroy this.
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
