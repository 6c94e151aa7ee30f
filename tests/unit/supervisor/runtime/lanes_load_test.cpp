// Lanes while connections come all the time.
#include "supervisor/runtime/listener_set.hpp"
#include "tests/unit/supervisor/runtime/lane_clients.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace baton::runtime {
namespace {

using config::Split;
using Number = std::uint32_t;

std::shared_ptr<Listener> make_listener() {
  return Listener::bind(net::parse_address("127.0.0.1:0").value(), 1024).value();
}

// Connects without a pause, says each time which connection it is and waits for the echo.
class BusyClient {
 public:
  BusyClient(const UniqueFd& lane, Number first, Number step)
      : thread_([this, &lane, first, step] { run(lane, first, step); }) {}
  BusyClient(const BusyClient&) = delete;
  BusyClient& operator=(const BusyClient&) = delete;

  // How many connections were answered. Whoever accepts must go on until `ended` is so.
  void stop() { stop_ = true; }
  bool ended() const { return ended_; }
  unsigned answered() {
    if (thread_.joinable()) thread_.join();
    EXPECT_EQ(trouble_, "");
    return answered_;
  }

 private:
  void run(const UniqueFd& lane, Number number, Number step) {
    try {
      for (; !stop_; number += step)
        ask(connect_to(lane), number);
    } catch (const std::exception& error) {
      trouble_ = error.what();
    }
    ended_ = true;
  }

  void ask(const UniqueFd& connection, Number number) {
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    Number echo = 0;
    if (::send(connection.get(), &number, sizeof(number), MSG_NOSIGNAL) != sizeof(number) ||
        ::recv(connection.get(), &echo, sizeof(echo), MSG_WAITALL) != sizeof(echo) ||
        echo != number) {
      throw Failure(system_error("connection " + std::to_string(number) + " was lost", errno));
    }
    ++answered_;
  }

  std::atomic<bool> stop_ = false;
  std::atomic<bool> ended_ = false;
  unsigned answered_ = 0;
  std::string trouble_;
  std::thread thread_;
};

// Accepts in both lanes and echoes.
class Acceptor {
 public:
  explicit Acceptor(const Listener& listener) : listener_(listener) {}

  void accept_one() {
    std::array<pollfd, 2> waits{};
    const auto lanes = listener_.lanes();
    for (std::size_t i = 0; i < lanes.size(); ++i)
      waits.at(i) = {lanes[i].get(), POLLIN, 0};
    ::poll(waits.data(), lanes.size(), 10);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (waits.at(i).revents != 0) echo(i);
    }
  }

  const std::set<Number>& seen() const { return seen_; }
  const Counts& counts() const { return counts_; }

 private:
  void echo(std::size_t lane) {
    const UniqueFd connection(
        ::accept4(listener_.lanes()[lane].get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_TRUE(connection);
    Number number = 0;
    ASSERT_EQ(::recv(connection.get(), &number, sizeof(number), MSG_WAITALL), sizeof(number));
    EXPECT_TRUE(seen_.insert(number).second) << number << " was accepted twice";
    ASSERT_EQ(::send(connection.get(), &number, sizeof(number), MSG_NOSIGNAL), sizeof(number));
    ++counts_.at(lane);
  }

  const Listener& listener_;
  std::set<Number> seen_;
  Counts counts_{};
};

class LanesUnderLoad : public testing::Test {
 protected:
  void begin() {
    for (Number i = 0; i < clients_.size(); ++i)
      clients_[i].emplace(listener_->lanes()[0], i, static_cast<Number>(clients_.size()));
  }

  void accept_more(std::size_t count) {
    for (const std::size_t goal = acceptor_.seen().size() + count;
         acceptor_.seen().size() < goal && !HasFailure();) {
      acceptor_.accept_one();
    }
  }

  // Every connection was accepted exactly once.
  void end() {
    for (auto& client : clients_)
      client->stop();
    while (!clients_[0]->ended() || !clients_[1]->ended())
      acceptor_.accept_one();
    std::size_t answered = 0;
    for (auto& client : clients_)
      answered += client->answered();
    EXPECT_EQ(acceptor_.seen().size(), answered);
  }

  std::shared_ptr<Listener> listener_ = make_listener();
  Acceptor acceptor_{*listener_};
  std::array<std::optional<BusyClient>, 2> clients_;
};

TEST_F(LanesUnderLoad, NothingLandsInTheSecondLaneWhileItIsOpened) {
  begin();
  accept_more(200);
  ASSERT_TRUE(listener_->open_second_lane());
  accept_more(200);
  end();
  EXPECT_EQ(acceptor_.counts()[1], 0U);
}

TEST_F(LanesUnderLoad, TwoHundredChangesOfTheWeightLoseNothing) {
  ASSERT_TRUE(listener_->open_second_lane());
  begin();
  constexpr unsigned weights[] = {50, 100, 1, 0, 99};
  for (unsigned i = 0; i < 200; ++i) {
    const Split by = i % 2 == 0 ? Split::at_random : Split::by_client_address;
    ASSERT_TRUE(listener_->split(weights[i % std::size(weights)], by));
    accept_more(20);
  }
  end();
  EXPECT_GT(acceptor_.counts()[0], 0U);
  EXPECT_GT(acceptor_.counts()[1], 0U);
}

// Each time at another moment of a connection's life.
TEST(LanesUnderLoadAgain, JoiningIsRepeatedWithManyListeners) {
  for (unsigned i = 0; i < 40; ++i) {
    const auto listener = make_listener();
    Acceptor acceptor(*listener);
    BusyClient client(listener->lanes()[0], 0, 1);
    while (acceptor.seen().size() < 5 + i % 4)
      acceptor.accept_one();
    ASSERT_TRUE(listener->open_second_lane());
    client.stop();
    while (!client.ended())
      acceptor.accept_one();
    EXPECT_EQ(client.answered(), acceptor.seen().size());
    EXPECT_EQ(acceptor.counts()[1], 0U);
    EXPECT_FALSE(is_waiting(listener->lanes()[1]));
  }
}

}  // namespace
}  // namespace baton::runtime
