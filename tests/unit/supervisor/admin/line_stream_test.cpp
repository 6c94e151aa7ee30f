#include "supervisor/admin/line_stream.hpp"

#include "common/admin/api_json.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace baton::admin {
namespace {

// A stream and the one who takes from it, stepped by hand.
class LineStreams : public ::testing::Test {
 protected:
  // Begins to take; what came is in taken_.
  void begin_take(LineStream& stream) {
    taken_.reset();
    boost::asio::co_spawn(io_, stream.take(), [this](std::exception_ptr, std::string text) {
      taken_ = std::move(text);
    });
    settle();
  }

  void settle() {
    io_.restart();
    io_.poll();
  }

  std::string take(LineStream& stream) {
    begin_take(stream);
    EXPECT_TRUE(taken_.has_value()) << "nothing to take";
    return taken_.value_or("");
  }

  boost::asio::io_context io_{1};
  std::optional<std::string> taken_;
};

TEST_F(LineStreams, GivesAllThatIsPendingAtOnce) {
  LineStream stream(io_.get_executor());
  stream.push("a");
  stream.push("b");
  EXPECT_EQ(take(stream), "a\nb\n");
}

TEST_F(LineStreams, WhoTakesWaitsForALine) {
  LineStream stream(io_.get_executor());
  begin_take(stream);
  EXPECT_FALSE(taken_.has_value());
  stream.push("late");
  settle();
  EXPECT_EQ(taken_, "late\n");
}

TEST_F(LineStreams, WhoTakesIsWokenByTheEnd) {
  LineStream stream(io_.get_executor());
  begin_take(stream);
  stream.close();
  settle();
  EXPECT_EQ(taken_, "");
}

TEST_F(LineStreams, WhatIsPendingAtTheEndIsStillGivenAndNothingAfterIt) {
  LineStream stream(io_.get_executor());
  stream.push("last");
  stream.close();
  stream.push("too late");
  EXPECT_EQ(take(stream), "last\n");
  EXPECT_EQ(take(stream), "");
}

TEST_F(LineStreams, PrependedLinesStandFirst) {
  LineStream stream(io_.get_executor());
  stream.push("event");
  stream.prepend("accepted");
  EXPECT_EQ(take(stream), "accepted\nevent\n");
}

TEST_F(LineStreams, WhoDoesNotTakeLosesTheRestAndIsTold) {
  LineStream stream(io_.get_executor());
  const std::string line(LineStream::max_pending_bytes / 2 - 1, 'x');
  stream.push(line);
  stream.push(line);
  stream.push("one too many");
  stream.push("ignored");
  const std::string text = take(stream);
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  EXPECT_EQ(last, LineStream::max_pending_bytes);
  EXPECT_EQ(Json::parse(text.substr(last)),
            Json({{"error",
                   {{"message", "this client reads too slowly; the rest of the stream is lost"}}},
                  {"schema", 1}}));
  EXPECT_EQ(take(stream), "");
}

TEST_F(LineStreams, ThePastDoesNotCountAsPending) {
  LineStream stream(io_.get_executor(), std::string(LineStream::max_pending_bytes * 2, 'p') + "\n");
  stream.push("new");
  EXPECT_TRUE(take(stream).ends_with("p\nnew\n"));
}

TEST_F(LineStreams, RoomComesBackWithEachTake) {
  LineStream stream(io_.get_executor());
  const std::string line(LineStream::max_pending_bytes - 1, 'x');
  for (int i = 0; i < 3; ++i) {
    stream.push(line);
    EXPECT_EQ(take(stream), line + "\n");
  }
}

TEST_F(LineStreams, HoldsWhatFeedsItUntilItEndsOrDropsIt) {
  struct Feed final : Subscription {
    explicit Feed(int& count) : alive(count) { ++alive; }
    ~Feed() override { --alive; }
    int& alive;
  };
  int alive = 0;
  {
    LineStream stream(io_.get_executor());
    stream.keep(std::make_unique<Feed>(alive));
    stream.keep(std::make_unique<Feed>(alive));
    EXPECT_EQ(alive, 2);
    stream.drop_subscriptions();
    EXPECT_EQ(alive, 0);
    stream.keep(std::make_unique<Feed>(alive));
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace baton::admin
