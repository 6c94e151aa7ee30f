// The strict client with several requests in flight: what it may send again, and what is lost.
#include "tests/support/misbehaving_server.hpp"
#include "tests/torture/run_for_test.hpp"

#include <nlohmann/json.hpp>

namespace baton::torture {
namespace {

using testing::MisbehavingServer;
using testing::Misbehaviour;
using namespace std::chrono_literals;
using Losses = std::map<Loss, std::uint64_t>;

TEST(Pipelined, LosesNothingToAGoodServerAndKeepsOneConnection) {
  MisbehavingServer server(Misbehaviour::none);
  Options options = requests(Mode::pipelined, 100);
  options.post_percent = 10;
  options.expect_kept = true;
  const Report report = run_against(server.address(), options);
  EXPECT_TRUE(report.passed()) << to_json(report);
  EXPECT_EQ(report.answered, 100u);
  EXPECT_EQ(report.acknowledged.size(), 10u);
  EXPECT_EQ(report.connections, 1u);
  EXPECT_EQ(report.sent_again, 0u);
  EXPECT_EQ(report.close_answers, 0u);
}

// 16 MB of requests, and as much of answers: neither side can take the whole at once.
TEST(Pipelined, ReadsWhileItSends) {
  MisbehavingServer server(Misbehaviour::none);
  Options options = requests(Mode::pipelined, 1'000);
  options.depth = 1'000;
  options.post_percent = 100;
  options.name_prefix = std::string(8'000, 'x');
  const Report report = run_against(server.address(), options);
  EXPECT_TRUE(report.passed()) << report.lost_requests << " lost";
  EXPECT_EQ(report.connections, 1u);
}

TEST(Pipelined, SendsAgainWhatAServerThatSaidItClosesHasNotAnswered) {
  MisbehavingServer server(Misbehaviour::close_told_third);
  Options options = requests(Mode::pipelined, 12);
  options.depth = 8;
  options.post_percent = 100;
  const Report report = run_against(server.address(), options);
  EXPECT_TRUE(report.passed()) << to_json(report);
  EXPECT_EQ(report.sent, 12u);
  EXPECT_EQ(report.acknowledged.size(), 12u);
  EXPECT_EQ(report.connections, 4u);
  EXPECT_EQ(report.connections_per_client_max, 4u);
  EXPECT_EQ(report.close_answers, 4u);
  EXPECT_EQ(report.sent_again, 7u + 6u + 3u) << "left over by each of the first three connections";
}

TEST(Pipelined, SendsNothingAgainWhenTheServerHasNotSaidThatItCloses) {
  MisbehavingServer server(Misbehaviour::close_under_reuse);
  Options options = requests(Mode::pipelined, 8);
  options.depth = 4;
  const Report report = run_against(server.address(), options);
  EXPECT_EQ(report.losses, (Losses{{Loss::closed_under_reuse, 6}})) << to_json(report);
  EXPECT_EQ(report.answered, 2u);
  EXPECT_EQ(report.connections, 2u);
  EXPECT_EQ(report.sent_again, 0u);
}

struct Case {
  Misbehaviour behaviour;
  Losses losses;  // of four requests, all in flight
};

TEST(Pipelined, NamesWhatHasBecomeOfEachRequestInFlight) {
  const Case cases[] = {
      {Misbehaviour::reset_before_answer, {{Loss::reset_before_answer, 4}}},
      {Misbehaviour::reset_during_answer,
       {{Loss::reset_during_answer, 1}, {Loss::reset_before_answer, 3}}},
      {Misbehaviour::close_before_answer, {{Loss::closed_before_answer, 4}}},
      {Misbehaviour::truncate, {{Loss::truncated, 1}, {Loss::closed_before_answer, 3}}},
      {Misbehaviour::close_as_end, {{Loss::closed_under_reuse, 3}}},
      {Misbehaviour::wrong_status, {{Loss::wrong_status, 4}}},
      {Misbehaviour::nonsense, {{Loss::wrong_answer, 4}}},
      {Misbehaviour::extra_bytes, {{Loss::wrong_answer, 3}}},
      {Misbehaviour::answer_after_close, {{Loss::wrong_answer, 4}}},
      {Misbehaviour::swap, {{Loss::wrong_answer, 4}}},
      {Misbehaviour::hang, {{Loss::timed_out, 4}}},
  };
  for (const auto& [behaviour, losses] : cases) {
    MisbehavingServer server(behaviour);
    Options options = requests(Mode::pipelined, 4);
    options.depth = 4;
    if (behaviour == Misbehaviour::hang) options.timeout = 50ms;
    const Report report = run_against(server.address(), options);
    EXPECT_FALSE(report.passed());
    EXPECT_EQ(report.losses, losses) << to_json(report);
    EXPECT_EQ(report.sent_again, 0u);
    EXPECT_EQ(report.connections, 1u);
  }
}

TEST(ExpectKept, AConnectionThatIsToldToCloseIsLost) {
  MisbehavingServer server(Misbehaviour::close_told);
  for (const Mode mode : {Mode::keep_alive, Mode::pipelined}) {
    Options options = requests(mode, 4);
    options.expect_kept = true;
    const Report report = run_against(server.address(), options);
    EXPECT_FALSE(report.passed());
    EXPECT_EQ(report.losses, (Losses{{Loss::told_to_close, 4}}));
    EXPECT_EQ(report.lost_connections, 4u);
    EXPECT_EQ(report.lost_requests, 0u);
    EXPECT_EQ(report.close_answers, 4u);
  }
}

TEST(ExpectKept, ASecondConnectionIsALossThoughEveryRequestWasAnswered) {
  MisbehavingServer server(Misbehaviour::close_as_end);
  Options options = requests(Mode::keep_alive, 4);
  EXPECT_TRUE(run_against(server.address(), options).passed());
  options.expect_kept = true;
  const Report report = run_against(server.address(), options);
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.answered, 4u);
  EXPECT_EQ(report.losses, (Losses{{Loss::reconnected, 3}}));
  EXPECT_EQ(report.lost_connections, 3u);
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["connections_per_client_max"], 4);
}

TEST(ExpectKept, ARequestAndItsConnectionAreLostSeparately) {
  MisbehavingServer server(Misbehaviour::close_under_reuse);
  Options options = requests(Mode::keep_alive, 4);
  options.expect_kept = true;
  const Report report = run_against(server.address(), options);
  EXPECT_EQ(report.losses, (Losses{{Loss::closed_under_reuse, 2}, {Loss::reconnected, 1}}));
  EXPECT_EQ(report.lost_requests, 2u);
  EXPECT_EQ(report.lost_connections, 1u);
}

}  // namespace
}  // namespace baton::torture
