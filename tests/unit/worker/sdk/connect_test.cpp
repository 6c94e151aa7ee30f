// From the environment to the listeners, and everything that can be wrong on the way.
#include "tests/unit/worker/sdk/supervisor_end.hpp"
#include "worker/sdk/worker.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace baton::sdk {
namespace {

using ::testing::ElementsAre;

class Connect : public ::testing::Test {
 protected:
  ~Connect() override { ::unsetenv("BATON_FD"); }

  static void set_variable(const std::string& value) { ::setenv("BATON_FD", value.c_str(), 1); }

  // As the worker that has inherited the other end; connect() takes it over.
  Result<Worker> connect(std::chrono::milliseconds timeout = baton::testing::patience) {
    set_variable(std::to_string(supervisor_.workers_end().release()));
    return Worker::connect({}, timeout);
  }

  static std::string refusal(const Result<Worker>& worker, Errc code) {
    if (worker) return "it is connected";
    EXPECT_EQ(worker.error().code, code);
    return worker.error().message;
  }

  static UniqueFd open_null() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

  SupervisorEnd supervisor_;
};

TEST_F(Connect, SaysHelloAndReceivesTheListeners) {
  const UniqueFd null = open_null();
  supervisor_.say(listeners({"web", "admin"}), {null.get(), null.get()});
  const Worker worker = connect().value();
  const auto hello = supervisor_.hear<protocol::Hello>();
  EXPECT_THAT(hello.versions, ElementsAre(protocol::version));
  EXPECT_EQ(hello.pid, ::getpid());
  EXPECT_EQ(worker.generation(), 7U);
  EXPECT_THAT(worker.listener_names(), ElementsAre("web", "admin"));
  EXPECT_TRUE(supervisor_.silence());
}

TEST_F(Connect, ItsChildrenDoNotTakeTheChannelForTheirs) {
  supervisor_.say(listeners({}));
  EXPECT_FALSE(supervised());
  ::fcntl(supervisor_.workers_end().get(), F_SETFD, 0);
  set_variable(std::to_string(supervisor_.workers_end().get()));
  EXPECT_TRUE(supervised());
  const Worker worker = connect().value();
  EXPECT_FALSE(supervised());
  EXPECT_NE(::fcntl(worker.fd(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Connect, EachListenerIsTakenByItsNameAndOnce) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  supervisor_.say(listeners({"web", "admin"}), {read_end.get(), write_end.get()});
  Worker worker = connect().value();

  EXPECT_EQ(worker.take_listener("metrics").error().message,
            "there is no listener 'metrics' to take; there is web, admin");
  const UniqueFd admin = worker.take_listener("admin").value();
  EXPECT_EQ(::fcntl(admin.get(), F_GETFL) & O_ACCMODE, O_WRONLY);
  EXPECT_EQ(worker.take_listener("admin").error().message,
            "there is no listener 'admin' to take; there is web");
  const UniqueFd web = worker.take_listener("web").value();
  EXPECT_EQ(::fcntl(web.get(), F_GETFL) & O_ACCMODE, O_RDONLY);
  const auto none = worker.take_listener("web");
  EXPECT_EQ(none.error().code, Errc::not_found);
  EXPECT_EQ(none.error().message, "there is no listener 'web' to take; there is none");
  EXPECT_THAT(worker.listener_names(), ElementsAre("web", "admin"));
}

TEST_F(Connect, WithoutASupervisorSaysSo) {
  EXPECT_EQ(refusal(Worker::connect(), Errc::not_found),
            "BATON_FD is not set: this process was not started by batond");
}

TEST_F(Connect, RefusesAVariableThatNamesNoChannel) {
  const std::string remedy = "; it is set by batond, unset it to run alone";
  const auto refused = [](const std::string& value) {
    set_variable(value);
    return refusal(Worker::connect(), Errc::invalid_input);
  };
  for (const char* value : {"", "three", "-1", "3x", " 3", "+3", "0x3", "99999999999"}) {
    EXPECT_EQ(refused(value), "BATON_FD=" + std::string(value) +
                                  " is not the number of a file descriptor" + remedy);
    EXPECT_FALSE(supervised());
  }

  int streams[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, streams), 0);
  const UniqueFd stream(streams[0]);
  const UniqueFd other_end(streams[1]);
  const UniqueFd null = open_null();
  for (const int fd : {stream.get(), null.get(), 1'000'000}) {
    EXPECT_EQ(refused(std::to_string(fd)),
              "BATON_FD=" + std::to_string(fd) + " is not an open SOCK_SEQPACKET socket" + remedy);
  }
  EXPECT_NE(::fcntl(null.get(), F_GETFD), -1) << "somebody else's fd was closed";
}

TEST_F(Connect, WaitsForTheListenersAsLongAsItIsTold) {
  EXPECT_EQ(refusal(connect(std::chrono::milliseconds{1}), Errc::timed_out),
            "the supervisor did not send the listeners in time");
}

TEST_F(Connect, HearsThatTheSupervisorIsGone) {
  supervisor_.die();
  EXPECT_EQ(refusal(connect(), Errc::closed), "the other side has closed the channel");
}

TEST_F(Connect, RefusesAnotherFirstMessage) {
  supervisor_.say(protocol::Activate{});
  EXPECT_EQ(refusal(connect(), Errc::invalid_input),
            "the supervisor's first message is not 'listeners'");
}

TEST_F(Connect, RefusesAMessageThatItDoesNotKnow) {
  supervisor_.say_bytes(R"({"type":"welcome"})");
  EXPECT_EQ(refusal(connect(), Errc::invalid_input), "unknown message type 'welcome'");
}

TEST_F(Connect, RefusesAVersionThatItDoesNotSpeak) {
  auto message = listeners({});
  message.version = protocol::reserved_version;
  supervisor_.say(message);
  EXPECT_EQ(refusal(connect(), Errc::invalid_input),
            "the supervisor chose protocol version 999, this worker speaks 1");
}

TEST_F(Connect, RefusesNamesWithoutTheirListeners) {
  const UniqueFd null = open_null();
  supervisor_.say(listeners({"web", "admin"}), {null.get()});
  EXPECT_EQ(refusal(connect(), Errc::invalid_input), "the supervisor named 2 listeners and sent 1");
}

}  // namespace
}  // namespace baton::sdk
