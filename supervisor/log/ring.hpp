// The last few of an endless sequence, in memory, for those who ask later, and for those who watch.
// T has `sequence` (set here: from 1, without gaps) and `text`. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace baton::log {

struct RingLimits {
  std::size_t count = 0;       // items kept
  std::size_t text_bytes = 0;  // of their texts together; the newest item is kept in any case
};

template <class T>
class Ring {
 public:
  using Callback = std::function<void(const T&)>;
  using Watch = std::shared_ptr<void>;  // ends the watch when the last copy goes

  explicit Ring(RingLimits limits) : limits_(limits) {}

  void push(T item) {
    item.sequence = ++last_sequence_;
    text_bytes_ += item.text.size();
    items_.push_back(std::move(item));
    while (items_.size() > 1 &&
           (items_.size() > limits_.count || text_bytes_ > limits_.text_bytes)) {
      text_bytes_ -= items_.front().text.size();
      items_.pop_front();
    }
    if (!watchers_.empty()) tell(items_.back());
  }

  // The newest `count` of those that `wanted` accepts, oldest first.
  template <class Predicate>
  std::vector<T> newest(std::size_t count, Predicate wanted) const {
    std::vector<T> found;
    for (auto it = items_.rbegin(); it != items_.rend() && found.size() < count; ++it) {
      if (wanted(*it)) found.push_back(*it);
    }
    std::reverse(found.begin(), found.end());
    return found;
  }

  // Calls back for each item from now on. A watch may end, others' too, inside a callback. It may
  // outlive the ring.
  [[nodiscard]] Watch watch(Callback callback) {
    auto watcher = std::make_shared<Callback>(std::move(callback));
    watchers_.push_back(watcher);
    return watcher;
  }

 private:
  void tell(T item) {  // by value: a callback may push
    std::erase_if(watchers_, [](const auto& watcher) { return watcher.expired(); });
    for (const auto& weak : std::vector(watchers_)) {
      if (const auto watcher = weak.lock()) (*watcher)(item);
    }
  }

  RingLimits limits_;
  std::deque<T> items_;
  std::size_t text_bytes_ = 0;
  std::uint64_t last_sequence_ = 0;
  std::vector<std::weak_ptr<Callback>> watchers_;
};

}  // namespace baton::log
