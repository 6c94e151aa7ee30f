#include "supervisor/runtime/worker_session.hpp"

#include "common/ipc/message_channel.hpp"
#include "common/protocol/codec.hpp"
#include "tests/unit/supervisor/runtime/event_loop.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/socket.h>

#include <variant>
#include <vector>

namespace baton::runtime {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr core::WorkerId worker_id = 7;
const protocol::Hello good_hello{.versions = {protocol::version}, .capabilities = {}, .pid = 1};

class Session : public testing::Test {
 protected:
  void SetUp() override { open({}); }

  void open(Required required) {
    auto [ours, theirs] = ipc::make_channel().value();
    peer_ = std::move(theirs);
    session_.emplace(
        loop_.io(), std::move(ours), worker_id, required,
        SessionCallbacks{
            .on_event = [this](core::Event event) { events_.push_back(std::move(event)); },
            .on_progress = [this](const protocol::Progress& numbers) { progress_ = numbers; }});
  }

  void say(const protocol::FromWorker& message) { say_bytes(protocol::encode(message)); }
  void say_bytes(const std::string& bytes) { ASSERT_TRUE(ipc::send(peer_, bytes)); }

  template <class Event>
  const Event& next() {
    loop_.run_until([&] { return events_.size() > taken_; });
    return std::get<Event>(events_.at(taken_++));
  }

  std::string failure() {
    const auto& failed = next<core::WorkerFailed>();
    EXPECT_EQ(failed.worker, worker_id);
    EXPECT_FALSE(session_->connected());
    return failed.reason;
  }

  template <class Message>
  Message heard() {
    const auto message = ipc::receive(peer_).value();
    return std::get<Message>(protocol::decode_from_supervisor(message.bytes).value());
  }

  // As far as accepting.
  void bring_up() {
    say(good_hello);
    next<core::WorkerConnected>();
    session_->send_listeners(protocol::Listeners{}, {});
    heard<protocol::Listeners>();
    say(protocol::Ready{});
    next<core::WorkerReady>();
    session_->send(protocol::Activate{});
    heard<protocol::Activate>();
    say(protocol::Accepting{});
    next<core::WorkerAccepting>();
  }

  EventLoop loop_;
  UniqueFd peer_;
  std::vector<core::Event> events_;
  std::size_t taken_ = 0;
  std::optional<protocol::Progress> progress_;
  std::optional<WorkerSession> session_;
};

TEST_F(Session, TurnsAWholeLifeIntoEvents) {
  EXPECT_FALSE(session_->connected());
  bring_up();
  EXPECT_TRUE(session_->connected());
  session_->send(protocol::Drain{.timeout = std::chrono::seconds(3)});
  EXPECT_EQ(heard<protocol::Drain>().timeout, std::chrono::seconds(3));
  say(protocol::Drained{.finished = 5, .cut_off = 1});
  const auto& drained = next<core::WorkerDrained>();
  EXPECT_EQ(drained.finished, 5U);
  EXPECT_EQ(drained.cut_off, 1U);
  session_->send(protocol::Stop{});
  heard<protocol::Stop>();
}

TEST_F(Session, ListenersRideOnTheMessageThatNamesThem) {
  say(good_hello);
  next<core::WorkerConnected>();
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int fds[] = {null.get(), null.get()};
  protocol::Listeners given;
  given.generation = 4;
  given.names = {"web", "admin"};
  session_->send_listeners(std::move(given), fds);
  const auto message = ipc::receive(peer_).value();
  const auto listeners =
      std::get<protocol::Listeners>(protocol::decode_from_supervisor(message.bytes).value());
  EXPECT_EQ(listeners.generation, 4U);
  EXPECT_THAT(listeners.names, testing::ElementsAre("web", "admin"));
  EXPECT_EQ(message.fds.size(), 2U);
}

TEST_F(Session, SaysWhetherTheWorkerCanAcceptAgain) {
  say(good_hello);
  EXPECT_FALSE(next<core::WorkerConnected>().can_return);
  open({});
  protocol::Hello hello = good_hello;
  hello.capabilities = {protocol::standby_capability};
  say(hello);
  EXPECT_TRUE(next<core::WorkerConnected>().can_return);
}

TEST_F(Session, AWorkerThatCannotDoWhatIsNeededIsRefusedAtHello) {
  open({.lanes = true, .probe = true});
  say(good_hello);
  EXPECT_THAT(failure(), testing::HasSubstr("needs workers with the capability 'lanes'"));
  open({.lanes = false, .probe = true});
  say(good_hello);
  EXPECT_THAT(failure(), testing::HasSubstr("needs workers with the capability 'probe'"));
}

TEST_F(Session, ProgressIsHanded0n) {
  bring_up();
  session_->send(protocol::Ping{});
  heard<protocol::Ping>();
  say(protocol::Progress{.connections = 1, .in_flight = 2, .requests = 3});
  loop_.run_until([&] { return progress_.has_value(); });
  EXPECT_EQ(*progress_, (protocol::Progress{.connections = 1, .in_flight = 2, .requests = 3}));
}

TEST_F(Session, FailureInTheWorkersOwnWordsIsPassedOnPrintably) {
  say(protocol::Failed{.reason = "cannot open the database\x1b[31m"});
  EXPECT_THAT(failure(), HasSubstr("cannot open the database\\x1b[31m"));
}

TEST_F(Session, ReservedVersionIsRefused) {
  say(protocol::Hello{.versions = {protocol::reserved_version}, .capabilities = {}, .pid = 1});
  EXPECT_THAT(failure(), HasSubstr(std::to_string(protocol::reserved_version)));
}

TEST_F(Session, FileDescriptorsFromAWorkerAreRefusedAndClosed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const int fds[] = {write_end.get()};
  ASSERT_TRUE(ipc::send(peer_, protocol::encode(protocol::FromWorker(good_hello)), fds));
  write_end.reset();
  EXPECT_EQ(failure(), "sent file descriptors (none are accepted from workers)");
  char byte = 0;
  EXPECT_EQ(::read(read_end.get(), &byte, 1), 0) << "somebody still holds the fd that was sent";
}

TEST_F(Session, MessageOverTheLimitIsRefused) {
  const std::string huge(ipc::max_message_bytes + 1, 'x');
  ASSERT_EQ(::send(peer_.get(), huge.data(), huge.size(), 0), static_cast<ssize_t>(huge.size()));
  EXPECT_THAT(failure(), HasSubstr("talked nonsense"));
}

struct Nonsense {
  const char* name;
  std::vector<std::string> messages;
  const char* reason;
};

class SessionNonsense : public Session, public testing::WithParamInterface<Nonsense> {};

TEST_P(SessionNonsense, FailsTheWorkerOnceWithAReason) {
  for (const std::string& bytes : GetParam().messages)
    say_bytes(bytes);
  loop_.run_until([&] {
    return !events_.empty() && std::holds_alternative<core::WorkerFailed>(events_.back());
  });
  taken_ = events_.size() - 1;
  EXPECT_THAT(failure(), StartsWith("talked nonsense ("));
  EXPECT_THAT(std::get<core::WorkerFailed>(events_.back()).reason, HasSubstr(GetParam().reason));
}

const std::string hello = protocol::encode(protocol::FromWorker(good_hello));

INSTANTIATE_TEST_SUITE_P(
    Messages, SessionNonsense,
    testing::Values(Nonsense{"not_json", {"GET / HTTP/1.1"}, ""},
                    Nonsense{"unknown_type", {R"({"type":"dance"})"}, "dance"},
                    Nonsense{
                        "ready_first", {R"({"type":"ready"})"}, "it spoke before it said hello"},
                    Nonsense{"hello_twice", {hello, hello}, "it said hello twice"},
                    Nonsense{"ready_too_early",
                             {hello, R"({"type":"ready"})"},
                             "it said ready before it had its listeners"},
                    Nonsense{"accepting_unasked",
                             {hello, R"({"type":"accepting"})"},
                             "it said accepting without having been told to"},
                    Nonsense{"drained_unasked",
                             {hello, R"({"type":"drained","finished":0,"cut_off":0})"},
                             "it said drained without having been told to drain"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Session, WorkerThatDoesNotReadIsFailedAndNotWaitedFor) {
  bring_up();
  for (int i = 0; i < 100'000 && events_.size() == taken_; ++i)
    session_->send(protocol::Ping{});
  EXPECT_EQ(failure(), "does not read its channel");
}

TEST_F(Session, ClosedChannelOfALivingProcessIsAFailure) {
  bring_up();
  peer_.reset();
  EXPECT_EQ(failure(), "closed its channel");
}

TEST_F(Session, LastWordsAreHeardAndTheEndOfAnEndedProcessIsNoNews) {
  bring_up();
  session_->send(protocol::Drain{});
  say(protocol::Drained{.finished = 2, .cut_off = 0});
  peer_.reset();
  session_->finish();
  EXPECT_EQ(next<core::WorkerDrained>().finished, 2U);
  EXPECT_EQ(events_.size(), taken_);
  session_->send(protocol::Stop{});  // to nobody
  EXPECT_EQ(events_.size(), taken_);
}

}  // namespace
}  // namespace baton::runtime
