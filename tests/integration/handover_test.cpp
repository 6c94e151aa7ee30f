// Claims about connections across a deploy, with baton-worker:
//  - Every connection is kept: none closed, none told to close, any number of workers on either
//    side, forth and back, in a scale-down too.
//  - A new worker that can't take connections, has no room for them, or dies while it takes them,
//    costs no request: the old one answers on, and tells the client to close.
//  - A new worker that stands still does not hold them up: the old one has them back, and answers.
#include "tests/integration/reference_worker.hpp"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;

class Handover : public ReferenceWorker {
 protected:
  // A worker that runs with these arguments besides.
  void add(const std::string& release, const std::vector<std::string>& more = {}) {
    auto whole = command();
    whole.insert(whole.end(), more.begin(), more.end());
    site_.add_release(release, whole);
  }

  void expect_kept(const torture::Report& report, unsigned clients) {
    EXPECT_TRUE(report.passed()) << torture::to_json(report);
    EXPECT_EQ(report.connections, clients);
    EXPECT_EQ(report.close_answers, 0u);
  }

  // SIGHUP, until the generation that it replaces is gone.
  void hang_up_and_wait() {
    const auto number = batond().entries("cut_over").back().generation;
    batond().hang_up();
    ASSERT_TRUE(batond().wait_for("cut_over", number + 1));
    ASSERT_TRUE(batond().wait_for("generation_gone", number));
  }

  static std::string generation_of(const httplib::Result& answer) {
    const std::string worker = answer->get_header_value("X-Worker");
    return worker.substr(0, worker.find('.'));
  }
};

TEST_F(Handover, KeepsBusyThinkingAndPipelinedConnections) {
  site_.services["app"].workers = 2;
  serve();
  torture::BackgroundRun busy(clients_with_token(torture::Mode::keep_alive, 16));
  auto thinking = clients_with_token(torture::Mode::keep_alive, 16);
  thinking.name_prefix = "thinking";
  thinking.think_time = 5ms;
  torture::BackgroundRun pensive(thinking);
  auto pipelining = clients_with_token(torture::Mode::pipelined, 4);
  pipelining.name_prefix = "pipelined";
  torture::BackgroundRun pipelined(pipelining);
  ASSERT_TRUE(eventually([&] {
    return busy.live().connections == 16 && pensive.live().connections == 16 &&
           pipelined.live().connections == 4;
  }));
  for (int i = 0; i < 6; ++i)
    hang_up_and_wait();
  expect_kept(busy.finish(), 16);
  expect_kept(pensive.finish(), 16);
  expect_kept(pipelined.finish(), 4);
}

TEST_F(Handover, SpreadsThemOverAnyNumberOfWorkers) {
  serve();
  auto options = clients_with_token(torture::Mode::keep_alive, 24);
  options.think_time = 5ms;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().connections == 24; }));
  for (const unsigned workers : {4u, 1u, 2u, 3u}) {
    site_.services["app"].workers = workers;
    site_.write_config();
    hang_up_and_wait();
    const auto status = batond().status();
    const auto& generation = status["services"][0]["generations"][0];
    ASSERT_EQ(generation["workers"].size(), workers);
    for (const auto& worker : generation["workers"])
      EXPECT_NEAR(worker["connections"].get<int>(), 24 / static_cast<int>(workers), 2) << workers;
  }
  expect_kept(run.finish(), 24);
}

TEST_F(Handover, GoesBackWithARelease) {
  serve();
  add("v2");
  httplib::Client client = connect(batond().address("web"));
  ASSERT_TRUE(client.Get("/api/v1/items"));
  client.set_socket_options([](auto) { ADD_FAILURE() << "connects again"; });
  int number = 1;
  for (const char* const release : {"v2", "v1", "v2"}) {
    EXPECT_EQ(deploy(release).exit_code, 0);
    const auto answer = client.Get("/api/v1/items");
    ASSERT_TRUE(answer);
    EXPECT_EQ(generation_of(answer), std::to_string(++number));
  }
}

TEST_F(Handover, ScalingDownKeepsThemToo) {
  site_.services["app"].workers = 4;
  serve();
  auto options = clients_with_token(torture::Mode::keep_alive, 24);
  options.think_time = 5ms;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().connections == 24; }));
  EXPECT_EQ(batond().ctl({"scale", "app", "1"}).exit_code, 0);
  EXPECT_EQ(workers().size(), 1u);
  expect_kept(run.finish(), 24);
}

TEST_F(Handover, AWorkerThatCannotTakePartCostsNoRequest) {
  serve();
  site_.add_scripted("v2");
  httplib::Client client = connect(batond().address("web"));
  auto answer = client.Get("/api/v1/items");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->has_header("Connection"));
  site_.use("v2");
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  ASSERT_TRUE(eventually([&] {
    return batond().status()["services"][0]["generations"][0]["workers"][0]["phase"] == "draining";
  }));
  answer = client.Get("/api/v1/items");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(generation_of(answer), "1");
  EXPECT_EQ(answer->get_header_value("Connection"), "close");
  EXPECT_TRUE(batond().wait_for("generation_gone", 1));
}

TEST_F(Handover, AWorkerWithoutRoomForThemLeavesThemWithTheOld) {
  serve();
  std::string tight = "ulimit -n 64; exec";
  for (const std::string& argument : command())
    tight += " '" + argument + "'";
  site_.add_release("v2", {"/bin/sh", "-c", tight});
  auto options = clients_with_token(torture::Mode::keep_alive, 100);
  options.think_time = 5ms;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().connections == 100; }));
  EXPECT_EQ(deploy("v2").exit_code, 0);
  const auto report = run.finish();
  EXPECT_EQ(report.lost_requests, 0u) << torture::to_json(report);
}

// The new worker is killed at a step of the handover.
class KillTheTaker : public Handover, public ::testing::WithParamInterface<const char*> {
 protected:
  void serve_then_deploy_one_that_dies() {
    serve();
    site_.add_scripted("v2", {"--takes", "--at", std::string(GetParam()) + "=die"});
    site_.use("v2");
  }
};

TEST_P(KillTheTaker, CostsNoRequestOnAnIdleConnection) {
  serve_then_deploy_one_that_dies();
  httplib::Client client = connect(batond().address("web"));
  ASSERT_TRUE(client.Get("/api/v1/items"));
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("worker_crashed", 2));
  const auto answer = client.Get("/api/v1/items");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(batond().wait_for("generation_gone", 1));
}

TEST_P(KillTheTaker, CostsThirtyClientsNothingThatItHadNotTaken) {
  serve_then_deploy_one_that_dies();
  auto options = clients_with_token(torture::Mode::keep_alive, 30);
  options.post_percent = 0;
  options.think_time = 20ms;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().connections == 30; }));
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("worker_crashed", 2));
  ASSERT_TRUE(batond().wait_for("generation_gone", 1));
  const auto report = run.finish();
  if (GetParam() != std::string("taken")) {
    EXPECT_TRUE(report.passed()) << torture::to_json(report);
    return;
  }
  // They went down with their owner: each connection once, and with it a request in flight at most.
  EXPECT_LE(report.lost_requests + report.lost_connections, 30u) << torture::to_json(report);
  for (const auto& [loss, count] : report.losses) {
    EXPECT_THAT(loss, AnyOf(torture::Loss::closed_while_idle, torture::Loss::closed_under_reuse,
                            torture::Loss::reset_during_answer))
        << count << " " << torture::to_string(loss);
  }
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, KillTheTaker,
                         ::testing::Values("adopt", "connections", "claimed", "taken"),
                         [](const auto& each) { return std::string(each.param); });

// The new worker stands still at a step of the handover.
class HangingTaker : public Handover, public ::testing::WithParamInterface<const char*> {};

TEST_P(HangingTaker, DoesNotHoldUpWhatItHasNotClaimed) {
  serve();
  site_.add_scripted("v2", {"--takes", "--at", std::string(GetParam()) + "=hang"});
  auto options = clients_with_token(torture::Mode::keep_alive, 30);
  options.think_time = 20ms;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().connections == 30; }));
  site_.use("v2");
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  const auto answers = run.live().answered.load();
  ASSERT_TRUE(eventually([&] { return run.live().answered > answers + 300; }));
  expect_kept(run.finish(), 30);
  signal_process(worker_of(2), SIGKILL);
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, HangingTaker, ::testing::Values("adopt", "connections"),
                         [](const auto& each) { return std::string(each.param); });

TEST_F(Handover, AWorkerThatHangsWithThoseItHasClaimedGivesThemBackWhenItIsKilled) {
  serve();
  site_.add_scripted("v2", {"--takes", "--at", "claimed=hang"});
  httplib::Client client = connect(batond().address("web"));
  ASSERT_TRUE(client.Get("/api/v1/items"));
  site_.use("v2");
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  signal_process(worker_of(2), SIGKILL);
  const auto answer = client.Get("/api/v1/items");
  ASSERT_TRUE(answer);
  EXPECT_EQ(generation_of(answer), "1");
}

}  // namespace
}  // namespace baton::testing
