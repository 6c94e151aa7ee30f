// The supervisor with real workers, without the program around it: what operators ask for and see.
#include "supervisor/runtime/supervisor.hpp"

#include "tests/support/leftovers.hpp"
#include "tests/unit/supervisor/runtime/event_loop.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

namespace baton::runtime {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

config::Service service(const std::string& name, std::vector<std::string> command) {
  config::Service out;
  out.name = name;
  out.command = std::move(command);
  out.directory = "/";
  out.listeners = {"web"};
  return out;
}

config::Config config_with(std::vector<config::Service> services) {
  config::Config out;
  out.listeners["web"] = {
      .name = "web", .address = net::parse_address("127.0.0.1:0").value(), .backlog = 16};
  for (auto& each : services)
    out.services[each.name] = each;
  return out;
}

class ASupervisor : public ::testing::Test {
 protected:
  void TearDown() override {
    if (!stopped_) stop();
  }

  void start(config::Config config) {
    supervisor_.emplace(loop_.io(), journal_,
                        SupervisorSetup{.version = "1.2.3",
                                        .load_config = [this] { return next_; },
                                        .inheritance = {},
                                        .history = history(),
                                        .on_stopped = [this] { stopped_ = true; }});
    watch_ = supervisor_->on_event([this](const admin::Event& event) { events_.push_back(event); });
    ASSERT_TRUE(supervisor_->start(std::move(config)));
  }

  History history() {
    return {.past = [this](const std::string&) { return past_; },
            .remember = [this](const admin::DeployRecord& record,
                               const std::string&) { remembered_[record.id] = record; },
            .recent = [](const std::string&, std::size_t, auto callback) { callback(Error{}); },
            .find = [](const std::string&, auto callback) { callback(Error{}); }};
  }

  // Nothing is waited for: a second SIGTERM.
  void stop() {
    supervisor_->on_signal(SIGTERM);
    supervisor_->on_signal(SIGTERM);
    loop_.run_until([this] { return stopped_; });
  }

  void reload(Result<config::Config> next) {
    next_ = std::move(next);
    supervisor_->on_signal(SIGHUP);
  }

  bool happened(const std::string& kind, const std::string& name, std::uint64_t generation) const {
    return std::ranges::any_of(events_, [&](const admin::Event& event) {
      return event.kind == kind && event.service == name && event.generation == generation;
    });
  }
  void wait_for(const std::string& kind, const std::string& name, std::uint64_t generation) {
    loop_.run_until([&] { return happened(kind, name, generation); });
  }

  admin::Status status() {
    std::optional<admin::Status> answer;
    supervisor_->status([&](admin::Status told) { answer = std::move(told); });
    EXPECT_FALSE(answer) << "called back from inside the call";
    loop_.run_until([&] { return answer.has_value(); });
    return *answer;
  }

  std::vector<std::string> texts(const std::string& kind) const {
    std::vector<std::string> out;
    for (const auto& event : events_) {
      if (event.kind == kind) out.push_back(event.text);
    }
    return out;
  }

  Result<std::string> operate(admin::Verb verb, const std::string& name) {
    admin::Operation operation;
    operation.verb = verb;
    operation.service = name;
    operation.message = "because";
    return supervisor_->operate(operation, {}, [this](admin::Answer told) { answer_ = told; });
  }

  std::unique_ptr<log::Log> log_ =
      log::Log::open("/dev/null", log::Level::info, log::Format::text).value();
  log::Journal journal_{*log_};
  EventLoop loop_;
  Result<config::Config> next_ = Error{};
  bool stopped_ = false;
  std::vector<admin::Event> events_;
  std::optional<admin::Answer> answer_;
  std::vector<admin::DeployRecord> past_;
  std::map<std::string, admin::DeployRecord> remembered_;
  std::optional<Supervisor> supervisor_;
  std::unique_ptr<admin::Subscription> watch_;
};

const std::vector<std::string> good{BATON_TEST_WORKER};

TEST_F(ASupervisor, StartsItsServicesAndShowsThem) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  const auto shown = status();
  EXPECT_EQ(shown.version, "1.2.3");
  ASSERT_EQ(shown.services.size(), 1U);
  EXPECT_EQ(shown.services[0].state, "running");
  EXPECT_THAT(shown.services[0].listeners, ElementsAre(StartsWith("web 127.0.0.1:")));
  ASSERT_EQ(shown.services[0].generations.size(), 1U);
  ASSERT_EQ(shown.services[0].generations[0].workers.size(), 1U);
  EXPECT_EQ(shown.services[0].generations[0].workers[0].phase, "accepting");
  EXPECT_TRUE(shown.services[0].generations[0].workers[0].counted);
}

TEST_F(ASupervisor, WorkerThatDoesNotAnswerDoesNotHoldUpTheStatus) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  const int pid = status().services[0].generations[0].workers[0].pid;
  baton::testing::signal_process(pid, SIGSTOP);
  EXPECT_FALSE(status().services[0].generations[0].workers[0].counted);
  baton::testing::signal_process(pid, SIGCONT);
}

TEST_F(ASupervisor, BadConfigAtReloadChangesNothingAndEveryProblemIsTold) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  reload(Error{Errc::invalid_input, "f:1:1: first\nf:2:1: second"});
  EXPECT_THAT(texts("reload_failed"),
              ElementsAre("f:1:1: first", "f:2:1: second",
                          "the config was not reloaded: nothing has changed"));
  EXPECT_FALSE(happened("deploy_started", "items", 2));
}

TEST_F(ASupervisor, ListenerThatCanNotBeBoundAtReloadChangesNothing) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  auto next = config_with({service("items", good)});
  next.listeners["far"] = {
      .name = "far", .address = net::parse_address("192.0.2.1:80").value(), .backlog = 1};
  reload(next);
  EXPECT_THAT(texts("reload_failed"), Contains(StartsWith("listener far: ")));
  EXPECT_FALSE(happened("deploy_started", "items", 2));
}

TEST_F(ASupervisor, RemovedServiceStopsAndCountsOnWhenItComesBack) {
  const auto both = config_with({service("items", good), service("other", good)});
  start(both);
  wait_for("deploy_finished", "other", 1);
  reload(config_with({service("items", good)}));
  wait_for("service_stopped", "other", 0);
  loop_.run_until([this] { return status().services.size() == 1; });
  reload(both);
  wait_for("deploy_finished", "other", 2);
}

TEST_F(ASupervisor, ReleaseThatCanNotBeResolvedFailsItsDeployOnly) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  auto gone = service("items", good);
  gone.directory = "/no/such/release";
  reload(config_with({gone, service("other", good)}));
  wait_for("deploy_finished", "other", 1);
  EXPECT_THAT(texts("deploy_failed"),
              ElementsAre("service items: release directory /no/such/release: No such file or "
                          "directory"));
  EXPECT_EQ(status().services[0].state, "running");
}

TEST_F(ASupervisor, AnswersADeployWhenItIsOver) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  EXPECT_EQ(operate(admin::Verb::deploy, "items").value(), "items-2");
  EXPECT_FALSE(answer_) << "called back from inside the call";
  loop_.run_until([this] { return answer_.has_value(); });
  EXPECT_EQ(answer_->outcome, "done");
  EXPECT_EQ(answer_->deploy, "items-2");
  EXPECT_THAT(texts("request"), ElementsAre("deploy, asked by uid 0, pid 0: because"));
}

TEST_F(ASupervisor, SaysWhyADeployFailedAndServesOn) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  reload(config_with({service("items", {"/no/such/program"})}));
  wait_for("deploy_failed", "items", 2);
  EXPECT_THAT(
      texts("deploy_failed"),
      ElementsAre(HasSubstr("cannot execute '/no/such/program' in /: No such file or directory")));
  EXPECT_EQ(status().services[0].generations[0].number, 1U);
}

TEST_F(ASupervisor, AnswersAFailedDeployWithItsOwnIdAndTheGenerationThatServesOn) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  next_ = config_with({service("items", {"/bin/false"})});
  supervisor_->on_signal(SIGHUP);
  wait_for("deploy_failed", "items", 2);
  EXPECT_EQ(operate(admin::Verb::deploy, "items").value(), "items-3");
  loop_.run_until([this] { return answer_.has_value(); });
  EXPECT_EQ(answer_->outcome, "failed_old_serving");
  EXPECT_EQ(answer_->deploy, "items-3");
  EXPECT_EQ(answer_->generation, 1U);
}

TEST_F(ASupervisor, RefusesWhatMakesNoSense) {
  start(config_with({service("items", good)}));
  EXPECT_EQ(operate(admin::Verb::stop, "itmes").error().message,
            "there is no service 'itmes'; the services are: items");
  EXPECT_EQ(operate(admin::Verb::scale, "items").error().message,
            "a service has 1 to 512 workers; use stop to have none");
  EXPECT_EQ(supervisor_->signal("items", SIGKILL, {}).error().message,
            "SIGKILL would stop workers behind the supervisor's back: use stop or restart");
  EXPECT_EQ(supervisor_->signal("items", 99, {}).error().message, "99 is not a signal");
  EXPECT_EQ(supervisor_->signal("itmes", SIGWINCH, {}).error().code, Errc::not_found);
}

TEST_F(ASupervisor, SignalsTheWorkersThatServe) {
  start(config_with({service("items", good)}));
  wait_for("deploy_finished", "items", 1);
  EXPECT_EQ(supervisor_->signal("items", SIGWINCH, {}).value(), 1U);
}

TEST_F(ASupervisor, KeepsWhatWorkersPrint) {
  start(
      config_with({service("items", {"sh", "-c", "echo hello; echo oops >&2; exec " + good[0]})}));
  wait_for("deploy_finished", "items", 1);
  loop_.run_until([this] { return supervisor_->recent_lines("items", 9).size() == 2; });
  std::vector<std::string> lines;
  for (const auto& line : supervisor_->recent_lines("items", 9)) {
    lines.push_back(line.stream + " " + line.text);
  }
  EXPECT_THAT(lines, ::testing::UnorderedElementsAre("out hello", "err oops"));
  EXPECT_THAT(supervisor_->recent_lines("other", 9), IsEmpty());
}

TEST_F(ASupervisor, StopsAtOnceWhenToldTwice) {
  start(config_with({service("items", {BATON_TEST_WORKER, "--at", "drain=hang"})}));
  wait_for("deploy_finished", "items", 1);
  supervisor_->on_signal(SIGTERM);
  supervisor_->on_signal(SIGTERM);
  loop_.run_until([this] { return stopped_; });
}

TEST_F(ASupervisor, RefusesOperationsWhileItShutsDown) {
  start(config_with({service("items", {BATON_TEST_WORKER, "--at", "drain=hang"})}));
  wait_for("deploy_finished", "items", 1);
  supervisor_->on_signal(SIGTERM);
  EXPECT_EQ(operate(admin::Verb::deploy, "items").error().message, "batond is shutting down");
  EXPECT_EQ(supervisor_->reload(admin::Peer{}).error().message, "batond is shutting down");
}

}  // namespace
}  // namespace baton::runtime
