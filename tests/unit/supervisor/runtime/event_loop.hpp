// Runs an io_context in a test until something has come true, within a generous time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

namespace baton::runtime {

class EventLoop {
 public:
  boost::asio::io_context& io() { return io_; }

  void run_until(const std::function<bool()>& come_true) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!come_true()) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "it did not come true";
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(100));
    }
  }

 private:
  boost::asio::io_context io_{1};
};

}  // namespace baton::runtime
