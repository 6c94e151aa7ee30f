#include "supervisor/core/restart_policy.hpp"

#include <algorithm>

namespace baton::core {

Duration RestartPolicy::crashed(TimePoint started, TimePoint now) {
  if (now - started >= limits_.within) reset();

  crashes_.push_back(now);
  while (crashes_.size() > limits_.limit + 1u || now - crashes_.front() > limits_.within) {
    crashes_.pop_front();
  }
  looping_ = crashes_.size() > limits_.limit;
  backoff_ = backoff_.count() == 0 ? limits_.initial : std::min(backoff_ * 2, limits_.max);
  return looping_ ? limits_.max : std::min(backoff_, limits_.max);
}

void RestartPolicy::reset() {
  crashes_.clear();
  backoff_ = Duration{0};
  looping_ = false;
}

}  // namespace baton::core
