// Connections on their way from one worker to another: taken, refused, or back with their owner.
// Both ends are here, in one thread.
#include "common/protocol/handover.hpp"

#include "common/ipc/claim.hpp"
#include "common/ipc/message_channel.hpp"
#include "tests/unit/worker/sdk/client_connection.hpp"
#include "worker/sdk/giving.hpp"
#include "worker/sdk/taking.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

namespace baton::sdk {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Whether somebody still holds the server's end.
bool is_open(const UniqueFd& client) {
  char byte = 0;
  return ::recv(client.get(), &byte, 1, MSG_PEEK) != 0;
}

class Handover : public ::testing::Test {
 protected:
  PollSet poll_set_ = PollSet::create().value();
  std::vector<std::size_t> rooms_;
  unsigned no_taker_ = 0;
  explicit Handover(std::chrono::milliseconds patience = 1h) : patience_(patience) {}

  const std::chrono::milliseconds patience_;
  Giving giving_{poll_set_,
                 {.on_room = [this](std::size_t room) { rooms_.push_back(room); },
                  .on_no_taker = [this] { ++no_taker_; }},
                 patience_};
  std::function<void(LiveConnection)> adopt_ = [this](LiveConnection connection) {
    adopted_.push_back(std::move(connection));
  };
  std::vector<LiveConnection> adopted_;
  Taking taking_{poll_set_, adopt_};
  unsigned taken_ = 0;
  std::vector<LiveConnection> kept_;

  // The taking end of a new channel.
  UniqueFd add_taker() {
    auto [giver, taker] = ipc::make_channel().value();
    giving_.add_taker(std::move(giver));
    return std::move(taker);
  }

  void give(LiveConnection connection) {
    giving_.give(std::move(connection), [this](std::optional<LiveConnection> kept) {
      if (kept) {
        kept_.push_back(std::move(*kept));
      } else {
        ++taken_;
      }
    });
  }

  std::vector<UniqueFd> give_many(std::size_t count) {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < count; ++i) {
      Client next = connect();
      clients.push_back(std::move(next.client));
      give(std::move(next.server));
    }
    return clients;
  }

  // Receives one message; how many it brings, if they may be taken.
  static std::size_t claim(const UniqueFd& taker) {
    const auto message = ipc::receive(taker);
    EXPECT_TRUE(message) << "nothing has come";
    if (!message || message->fds.empty()) return 0;
    return ipc::take_claim(message->fds.back()) ? message->fds.size() - 1 : 0;
  }
  static void say_taken(const UniqueFd& taker, std::size_t count) {
    EXPECT_TRUE(ipc::send(taker, protocol::encode(protocol::Taken{count})));
  }
  // Receives one message, and takes what it brings (or only so many).
  static std::size_t take(const UniqueFd& taker, std::size_t most = 1'000) {
    const std::size_t count = std::min(claim(taker), most);
    say_taken(taker, count);
    return count;
  }

  void run() {
    for (auto ready = poll_set_.ready(); !ready.empty(); ready = poll_set_.ready()) {
      for (const int fd : ready) {
        if (!giving_.hear(fd)) taking_.hear(fd);
      }
    }
  }
};

class SilentTaker : public Handover {
 protected:
  SilentTaker() : Handover(20ms) {}

  // Until the giver has looked at what is on its way.
  void run_until_patience_ends() {
    pollfd watched{poll_set_.fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&watched, 1, 10'000), 1);
    run();
  }
};

TEST_F(Handover, WhatIsGivenArrivesWithAllThatIsKnownOfIt) {
  taking_.add_giver(add_taker());
  Client one = connect();
  one.server.received = "GET /half";
  one.server.requests = 41;
  one.server.idle_left = 7s;
  give(std::move(one.server));
  run();
  ASSERT_THAT(adopted_, SizeIs(1));
  EXPECT_EQ(adopted_[0].received, "GET /half");
  EXPECT_EQ(adopted_[0].requests, 41u);
  EXPECT_EQ(adopted_[0].idle_left, 7s);
  EXPECT_EQ(taken_, 1u);
  EXPECT_EQ(giving_.taken(), 1u);

  EXPECT_EQ(::send(one.client.get(), "ping", 4, 0), 4);
  std::array<char, 8> heard{};
  EXPECT_EQ(::recv(adopted_[0].socket.get(), heard.data(), heard.size(), 0), 4);
  EXPECT_EQ(::fcntl(adopted_[0].socket.get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(Handover, EachTakerGetsTheSameNumber) {
  const std::vector<UniqueFd> takers = [this] {
    std::vector<UniqueFd> ends;
    for (int i = 0; i < 4; ++i)
      ends.push_back(add_taker());
    return ends;
  }();
  const auto clients = give_many(40);
  run();
  for (const UniqueFd& taker : takers)
    EXPECT_EQ(take(taker), 10u);
  run();
  EXPECT_EQ(taken_, 40u);
}

TEST_F(Handover, AFastTakerDoesNotGetMost) {
  const UniqueFd slow = add_taker();
  taking_.add_giver(add_taker());
  for (int i = 0; i < 10; ++i) {
    const auto clients = give_many(100);
    run();
  }
  EXPECT_LE(giving_.taken(), 498u);  // as many as wait for the slow one, and 249 more
  EXPECT_THAT(kept_, SizeIs(253));
  EXPECT_EQ(giving_.take_room(), 0u);
}

TEST_F(Handover, ThousandsGoInBatchesAsThereIsRoom) {
  taking_.add_giver(add_taker());
  std::size_t room = giving_.take_room();
  EXPECT_EQ(room, 249u);
  while (giving_.taken() < 2'000) {
    ASSERT_GT(room, 0u) << "after " << giving_.taken();
    const auto clients = give_many(room);
    rooms_.clear();
    run();
    adopted_.clear();  // closes them: this process has only so many fds
    room = std::accumulate(rooms_.begin(), rooms_.end(), std::size_t{0});
  }
  EXPECT_THAT(kept_, IsEmpty());
  EXPECT_EQ(no_taker_, 0u);
}

TEST_F(Handover, WhoHasNoRoomLeftIsNotGivenMore) {
  const UniqueFd taker = add_taker();
  const auto clients = give_many(250);
  EXPECT_THAT(kept_, SizeIs(1));
  EXPECT_EQ(giving_.take_room(), 0u);
  run();
  EXPECT_EQ(take(taker), 249u);
  run();
  EXPECT_THAT(rooms_, ElementsAre(249u));
}

TEST_F(Handover, NoneWaitsForTheAnswerToThoseBeforeIt) {
  const UniqueFd taker = add_taker();
  const auto clients = give_many(2);
  run();
  const auto more = give_many(3);
  run();
  EXPECT_EQ(take(taker), 2u);
  EXPECT_EQ(take(taker), 3u);
  run();
  EXPECT_EQ(taken_, 5u);
}

TEST_F(Handover, WhoTakesFewerGetsNoMoreAndKeepsWhatItTakesOfWhatIsOnItsWay) {
  const UniqueFd taker = add_taker();
  const auto first = give_many(2);
  run();
  const auto second = give_many(3);
  run();
  const auto waiting = give_many(1);
  take(taker, 1);
  run();
  EXPECT_EQ(taken_, 1u);
  EXPECT_THAT(kept_, SizeIs(2)) << "the one that was refused and the one that waited";
  EXPECT_EQ(giving_.take_room(), 0u);
  EXPECT_EQ(no_taker_, 0u) << "it may be taking the other three";
  take(taker);
  run();
  EXPECT_EQ(taken_, 4u);
  EXPECT_THAT(kept_, SizeIs(2));
  EXPECT_EQ(no_taker_, 1u);
}

TEST_F(Handover, AChannelThatIsFullIsWaitedFor) {
  const UniqueFd taker = add_taker();
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 20; ++i) {
    Client next = connect();
    next.server.received = std::string(30'000, 'x');
    clients.push_back(std::move(next.client));
    give(std::move(next.server));
  }
  run();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(take(taker), 1u);
    run();
  }
  EXPECT_EQ(taken_, 20u);
  EXPECT_THAT(kept_, IsEmpty());
}

TEST_F(Handover, WithoutATakerItIsBackAtOnce) {
  const auto clients = give_many(1);
  EXPECT_THAT(kept_, SizeIs(1));
}

TEST_F(Handover, ATakerThatDiesBeforeItAnswersHasTakenNothing) {
  UniqueFd taker = add_taker();
  const auto clients = give_many(3);
  run();
  const auto unanswered = ipc::receive(taker);
  taker.reset();
  run();
  EXPECT_THAT(kept_, SizeIs(3));
  EXPECT_EQ(taken_, 0u);
  EXPECT_EQ(no_taker_, 1u);
  for (const UniqueFd& client : clients)
    EXPECT_TRUE(is_open(client));
}

TEST_F(Handover, ATakerThatDiesUnreadHasTakenNothing) {
  add_taker().reset();
  const auto clients = give_many(3);
  run();
  EXPECT_THAT(kept_, SizeIs(3));
  EXPECT_EQ(no_taker_, 1u);
}

TEST_F(Handover, ATakerThatDiesAfterItsAnswerHasTakenThem) {
  UniqueFd taker = add_taker();
  const auto clients = give_many(1);
  run();
  const auto late = give_many(2);
  take(taker);
  taker.reset();
  run();
  EXPECT_EQ(taken_, 1u);
  EXPECT_THAT(kept_, SizeIs(2));
  EXPECT_FALSE(is_open(clients[0]));
}

TEST_F(Handover, AnotherTakerGoesOnWhenOneDies) {
  add_taker().reset();
  taking_.add_giver(add_taker());
  const auto clients = give_many(4);
  run();
  EXPECT_EQ(adopted_.size() + kept_.size(), 4u);
  EXPECT_EQ(no_taker_, 0u);
  const auto more = give_many(4);
  run();
  EXPECT_EQ(adopted_.size() + kept_.size(), 8u);
}

TEST_F(Handover, NonsenseFromATakerEndsItsPart) {
  for (const char* const nonsense :
       {"nonsense", R"({"type":"taken","count":2})", R"({"type":"connections"})"}) {
    const UniqueFd taker = add_taker();
    const auto clients = give_many(1);
    run();
    ASSERT_TRUE(ipc::send(taker, nonsense));
    run();
    EXPECT_THAT(kept_, SizeIs(1)) << nonsense;
    EXPECT_FALSE(giving_.has_takers());
    kept_.clear();
  }
}

TEST_F(Handover, NonsenseFromAGiverIsRefused) {
  auto [giver, taker] = ipc::make_channel().value();
  taking_.add_giver(std::move(taker));
  Client one = connect();
  const UniqueFd claim = ipc::make_claim().value();
  const std::array sockets{one.server.socket.get(), claim.get()};
  const std::string two = protocol::encode(protocol::Connections{{{}, {}}});
  for (const std::string& bytes : {std::string("nonsense"), two}) {
    ASSERT_TRUE(ipc::send(giver, bytes, sockets));
    run();
    const auto answer = ipc::receive(giver);
    ASSERT_TRUE(answer);
    EXPECT_EQ(protocol::decode_taken(answer->bytes).value(), protocol::Taken{0});
  }
  EXPECT_THAT(adopted_, IsEmpty());
  EXPECT_TRUE(ipc::take_claim(claim)) << "what is refused is not claimed";
  one.server.socket.reset();
  EXPECT_FALSE(is_open(one.client)) << "what was refused is still held";
}

TEST_F(Handover, SocketsWithoutAClaimAreRefused) {
  auto [giver, taker] = ipc::make_channel().value();
  taking_.add_giver(std::move(taker));
  Client one = connect();
  Client other = connect();
  const std::string bytes = protocol::encode(protocol::Connections{{{}}});
  const std::array alone{one.server.socket.get()};
  const std::array no_claim{one.server.socket.get(), other.server.socket.get()};
  ASSERT_TRUE(ipc::send(giver, bytes, alone));
  ASSERT_TRUE(ipc::send(giver, bytes, no_claim));
  run();
  for (int i = 0; i < 2; ++i) {
    const auto answer = ipc::receive(giver);
    ASSERT_TRUE(answer);
    EXPECT_EQ(protocol::decode_taken(answer->bytes).value(), protocol::Taken{0});
  }
  EXPECT_THAT(adopted_, IsEmpty());
}

TEST_F(Handover, WithoutRoomForItsSocketsEverythingIsRefusedAndKept) {
  taking_.add_giver(add_taker());
  auto clients = give_many(1);
  run();
  auto more = give_many(40);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int next_free = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
  ::close(next_free);
  const rlimit tight{static_cast<rlim_t>(next_free) + 5, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  run();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(taken_, 1u);
  EXPECT_THAT(kept_, SizeIs(40));
  EXPECT_EQ(no_taker_, 1u);
  for (const UniqueFd& client : more)
    EXPECT_TRUE(is_open(client));
}

TEST_F(Handover, AServerThatCannotAdoptRefuses) {
  adopt_ = nullptr;
  taking_.add_giver(add_taker());
  const auto clients = give_many(2);
  run();
  EXPECT_THAT(kept_, SizeIs(2));
}

TEST_F(Handover, AGiverThatDiesHasLeftThemToTheTaker) {
  auto [giver, taker] = ipc::make_channel().value();
  Client one = connect();
  UniqueFd claim = ipc::make_claim().value();
  const std::array sockets{one.server.socket.get(), claim.get()};
  ASSERT_TRUE(ipc::send(giver, protocol::encode(protocol::Connections{{{}}}), sockets));
  giver.reset();
  claim.reset();
  one.server.socket.reset();
  taking_.add_giver(std::move(taker));
  run();
  EXPECT_THAT(adopted_, SizeIs(1));
  EXPECT_TRUE(is_open(one.client));
}

TEST_F(Handover, AfterAStopWhatIsOnItsWayIsStillSettled) {
  const UniqueFd taker = add_taker();
  const auto on_their_way = give_many(1);
  run();
  const auto waiting = give_many(2);
  giving_.stop();
  EXPECT_THAT(kept_, SizeIs(2));
  EXPECT_EQ(giving_.take_room(), 0u);
  take(taker);
  run();
  EXPECT_EQ(taken_, 1u);
  EXPECT_FALSE(giving_.has_takers());
}

TEST_F(SilentTaker, LosesWhatItHasNotClaimed) {
  const UniqueFd taker = add_taker();
  const auto clients = give_many(3);
  run();
  EXPECT_THAT(kept_, IsEmpty());
  run_until_patience_ends();
  EXPECT_THAT(kept_, SizeIs(3));
  EXPECT_EQ(giving_.take_room(), 0u) << "it is silent";
  EXPECT_EQ(no_taker_, 0u) << "it may speak again";

  EXPECT_EQ(claim(taker), 0u) << "two owners";
  say_taken(taker, 0);
  rooms_.clear();
  run();
  EXPECT_THAT(rooms_, SizeIs(1));
  const auto later = give_many(1);
  run();
  EXPECT_EQ(take(taker), 1u);
  run();
  EXPECT_EQ(taken_, 1u);
}

TEST_F(SilentTaker, CannotTakeWhatWasTakenBack) {
  const UniqueFd taker = add_taker();
  const auto clients = give_many(1);
  run();
  run_until_patience_ends();
  say_taken(taker, 1);
  run();
  EXPECT_EQ(taken_, 0u);
  EXPECT_FALSE(giving_.has_takers()) << "it says what can't be";
}

TEST_F(SilentTaker, KeepsWhatItHasClaimed) {
  UniqueFd taker = add_taker();
  const auto clients = give_many(3);
  run();
  EXPECT_EQ(claim(taker), 3u);
  run_until_patience_ends();
  EXPECT_THAT(kept_, IsEmpty());
  say_taken(taker, 3);
  run();
  EXPECT_EQ(taken_, 3u);

  const auto more = give_many(2);
  run();
  EXPECT_EQ(claim(taker), 2u);
  run_until_patience_ends();
  taker.reset();
  run();
  EXPECT_THAT(kept_, SizeIs(2)) << "it has died before it could touch them";
}

TEST_F(SilentTaker, DoesNotHoldUpTheOthers) {
  const UniqueFd silent = add_taker();
  taking_.add_giver(add_taker());
  const auto clients = give_many(20);
  run();
  run_until_patience_ends();
  EXPECT_THAT(adopted_, SizeIs(10));
  EXPECT_THAT(kept_, SizeIs(10));
  kept_.clear();
  for (int i = 0; i < 6; ++i) {
    const auto more = give_many(100);
    run();
    adopted_.clear();  // closes them: this process has only so many fds
  }
  EXPECT_EQ(giving_.taken(), 610u);
  EXPECT_THAT(kept_, IsEmpty());
}

TEST_F(Handover, MoreReceivedThanAMessageHoldsIsKept) {
  taking_.add_giver(add_taker());
  Client large = connect();
  large.server.received = std::string(40'000, 'x');
  Client small = connect();
  give(std::move(large.server));
  give(std::move(small.server));
  run();
  EXPECT_THAT(kept_, SizeIs(1));
  EXPECT_EQ(kept_[0].received.size(), 40'000u);
  EXPECT_EQ(taken_, 1u);
}

}  // namespace
}  // namespace baton::sdk
