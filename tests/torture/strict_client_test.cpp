// The strict client sees each loss that there is, and none where there is none.
#include "common/net/listen.hpp"
#include "tests/support/misbehaving_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/torture/run_for_test.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace baton::torture {
namespace {

using testing::MisbehavingServer;
using testing::Misbehaviour;
using namespace std::chrono_literals;

TEST(StrictClient, LosesNothingToAGoodServer) {
  MisbehavingServer server(Misbehaviour::none);
  for (const Mode mode : {Mode::fresh, Mode::keep_alive}) {
    Options options = requests(mode, 100);
    options.post_percent = 10;
    const Report report = run_against(server.address(), options);
    EXPECT_TRUE(report.passed()) << to_json(report);
    EXPECT_EQ(report.answered, 100u);
    EXPECT_EQ(report.acknowledged.size(), 10u);
    EXPECT_EQ(report.connections, mode == Mode::fresh ? 100u : 1u);
    EXPECT_EQ(report.generations.at(7).answers, 100u);
    EXPECT_EQ(report.latencies_us.size(), 100u);
  }
}

TEST(StrictClient, ReadsSlowlyToTheEnd) {
  MisbehavingServer server(Misbehaviour::none);
  Options options = requests(Mode::slow_read, 1);
  options.read_rate = 200;
  const Report report = run_against(server.address(), options);
  EXPECT_TRUE(report.passed()) << to_json(report);
  EXPECT_GE(report.latency(1), 200ms) << "the answer was read at once";
}

// How much a server that never waits gets rid of: its own small buffer, and the reader's.
TEST(StrictClient, ASlowReaderHoldsTheServerBack) {
  const auto listener = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 1).value();
  const int small = 4096;
  ASSERT_EQ(::setsockopt(listener.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
  Options options = requests(Mode::slow_read, 1);
  options.target = net::local_address(listener).value();
  options.read_rate = 50'000;
  BackgroundRun reader(options);

  pollfd waiting{listener.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&waiting, 1, 20'000), 1);
  UniqueFd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  ASSERT_TRUE(connection);
  const std::string answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(1'000, 'x');
  ssize_t taken = 0;
  while (taken < 1'000'000) {
    const auto sent = ::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    if (sent < 0) break;
    taken += sent;
  }
  EXPECT_LT(taken, 20'000);
  connection.reset();
  reader.wait();
}

TEST(StrictClient, ASlowBodyIsAnsweredAfterItsEnd) {
  MisbehavingServer server(Misbehaviour::none);
  Options options = requests(Mode::slow_body, 1);
  options.body_time = 300ms;
  const Report report = run_against(server.address(), options);
  EXPECT_TRUE(report.passed()) << to_json(report);
  EXPECT_EQ(report.statuses.at(201), 1u);
  EXPECT_GE(report.latency(1), 200ms) << "the body was sent at once";
}

struct Case {
  Misbehaviour behaviour;
  Mode mode;
  Loss loss;
};

TEST(StrictClient, NamesEachLoss) {
  const Case cases[] = {
      {Misbehaviour::reset_before_answer, Mode::fresh, Loss::reset_before_answer},
      {Misbehaviour::reset_during_answer, Mode::fresh, Loss::reset_during_answer},
      {Misbehaviour::close_before_answer, Mode::fresh, Loss::closed_before_answer},
      {Misbehaviour::close_before_answer, Mode::keep_alive, Loss::closed_before_answer},
      {Misbehaviour::close_under_reuse, Mode::keep_alive, Loss::closed_under_reuse},
      {Misbehaviour::truncate, Mode::fresh, Loss::truncated},
      {Misbehaviour::wrong_status, Mode::keep_alive, Loss::wrong_status},
      {Misbehaviour::nonsense, Mode::keep_alive, Loss::wrong_answer},
      {Misbehaviour::extra_bytes, Mode::keep_alive, Loss::wrong_answer},
      {Misbehaviour::early_answer, Mode::slow_body, Loss::wrong_status},
      {Misbehaviour::truncate, Mode::slow_read, Loss::truncated},
      {Misbehaviour::reset_during_answer, Mode::slow_read, Loss::reset_during_answer},
      {Misbehaviour::close_before_answer, Mode::slow_read, Loss::closed_before_answer},
      {Misbehaviour::wrong_status, Mode::slow_read, Loss::wrong_status},
      {Misbehaviour::extra_bytes, Mode::slow_read, Loss::wrong_answer},
  };
  for (const auto& [behaviour, mode, loss] : cases) {
    MisbehavingServer server(behaviour);
    const Report report = run_against(server.address(), requests(mode, 2));
    EXPECT_FALSE(report.passed());
    EXPECT_GE(report.losses.count(loss), 1u)
        << "instead of " << to_string(loss) << ": " << to_json(report);
    EXPECT_EQ(report.losses.size(), 1u) << to_json(report);
    EXPECT_FALSE(report.examples.empty());
  }
}

TEST(StrictClient, SeesA201ForAnotherItem) {
  MisbehavingServer server(Misbehaviour::wrong_item);
  Options options = requests(Mode::fresh, 1);
  options.post_percent = 100;
  const Report report = run_against(server.address(), options);
  EXPECT_EQ(report.losses, (std::map<Loss, std::uint64_t>{{Loss::wrong_answer, 1}}));
  EXPECT_TRUE(report.acknowledged.empty());
}

TEST(StrictClient, SeesAnIdleConnectionClosedWithoutAWord) {
  MisbehavingServer server(Misbehaviour::close_while_idle);
  Options options = requests(Mode::keep_alive, 2);
  options.think_time = 20s;  // the close ends it
  const Report report = run_against(server.address(), options);
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.answered, 2u);
  EXPECT_EQ(report.lost_connections, report.losses.at(Loss::closed_while_idle));
}

TEST(StrictClient, GivesUpOnAServerThatHangs) {
  MisbehavingServer server(Misbehaviour::hang);
  Options options = requests(Mode::fresh, 1);
  options.timeout = 50ms;
  const Report report = run_against(server.address(), options);
  EXPECT_EQ(report.losses, (std::map<Loss, std::uint64_t>{{Loss::timed_out, 1}}));
}

TEST(StrictClient, SeesARefusedConnection) {
  net::Address closed_port;
  {
    const auto listener = net::listen_on(net::Ipv6Address{"::1", 0}, 1).value();
    closed_port = net::local_address(listener).value();
  }
  const testing::TempDir dir;
  for (const net::Address& target : {closed_port, net::Address{net::UnixAddress{dir / "none"}}}) {
    const Report report = run_against(target, requests(Mode::fresh, 1));
    EXPECT_EQ(report.losses, (std::map<Loss, std::uint64_t>{{Loss::refused, 1}}));
  }
}

TEST(StrictClient, ARunWithoutAnAnswerHasNotPassed) {
  EXPECT_FALSE(Report().passed());
}

TEST(StrictClient, StopsWhenItIsTold) {
  MisbehavingServer server(Misbehaviour::none);
  Options options;
  options.target = server.address();
  options.mode = Mode::keep_alive;
  BackgroundRun background(options);
  while (background.live().answered < 10)
    std::this_thread::yield();
  const Report report = background.finish();
  EXPECT_TRUE(report.passed()) << to_json(report);
}

}  // namespace
}  // namespace baton::torture
