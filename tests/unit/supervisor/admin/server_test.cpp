// The server as batond's guest: it keeps its socket tidy, and no client hurts another.
#include "supervisor/admin/server.hpp"

#include "supervisor/admin/connection.hpp"
#include "supervisor/admin/line_stream.hpp"
#include "tests/support/eventually.hpp"
#include "tests/unit/supervisor/admin/raw_client.hpp"
#include "tests/unit/supervisor/admin/served_control.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <filesystem>
#include <string>
#include <thread>

namespace baton::admin {
namespace {

namespace fs = std::filesystem;

bool is_served(const ServedControl& served) {
  return ask(served.socket(), "GET /v1/ping").status == 200;
}

TEST(Server, SocketIsForItsOwnerOnly) {
  const mode_t before = ::umask(0);
  const ServedControl served;
  struct stat facts {};
  ASSERT_EQ(::stat(served.socket().c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  EXPECT_EQ(::umask(before), 0u) << "the umask must be as it was";
}

TEST(Server, ReplacesASocketAndRemovesItsOwn) {
  const testing::TempDir dir;
  const fs::path path = dir / "control.sock";
  testing::write_file(path, "left over");
  boost::asio::io_context io;
  FakeControl control(io);
  {
    const auto server = Server::create(io, path, control);
    ASSERT_TRUE(server) << server.error().message;
    EXPECT_EQ(fs::status(path).type(), fs::file_type::socket);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(Server, SaysWhyItCannotListen) {
  const testing::TempDir dir;
  boost::asio::io_context io;
  FakeControl control(io);
  const fs::path missing = dir / "missing" / "control.sock";
  const auto nowhere = Server::create(io, missing, control);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().message,
            "cannot listen on " + missing.string() + ": No such file or directory");

  const fs::path longer = dir / std::string(100, 'x');
  const auto too_long = Server::create(io, longer, control);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, Errc::too_large);
  EXPECT_EQ(too_long.error().message,
            "cannot listen on " + longer.string() +
                ": a socket's path has at most 107 bytes; choose a shorter runtime_dir");
}

// As somebody else, in a thread that has put off its rights for good (the raw call is per thread).
TEST(Server, OthersAreTurnedAwayEvenIfTheyReachTheSocket) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  const ServedControl served;
  fs::permissions(served.socket().parent_path(), fs::perms{0755});
  fs::permissions(served.socket(), fs::perms{0666});
  HttpAnswer answer;
  std::thread([&] {
    constexpr uid_t nobody = 65'534;
    if (::syscall(SYS_setresuid, nobody, nobody, nobody) == 0) {
      answer = ask(served.socket(), "GET /v1/ping");
    }
  }).join();
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.message(), "only root and the supervisor's own user may use this socket");
}

// Takes the five seconds that a client has for its request.
TEST(Server, ASilentClientIsLetGo) {
  const ServedControl served;
  RawClient silent(served.socket());
  RawClient halting(served.socket());
  halting.send("GET /v1/ping HTTP/1.1\r\nHo");
  EXPECT_TRUE(is_served(served));
  EXPECT_FALSE(silent.read_until("anything"));
  EXPECT_EQ(silent.seen(), "");
  EXPECT_FALSE(halting.read_until("anything"));
  EXPECT_EQ(halting.seen(), "");
}

TEST(Server, OneClientTooManyIsToldSoUntilThereIsRoom) {
  ServedControl served;
  std::deque<RawClient> followers;
  for (unsigned i = 0; i < most_clients; ++i) {
    RawClient& client = followers.emplace_back(served.socket());
    client.send_request("GET /v1/events?follow=1");
    ASSERT_TRUE(client.read_until("\r\n\r\n")) << i;
  }
  const auto refused = ask(served.socket(), "GET /v1/ping");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.message(), "too many clients; try again later");

  followers.pop_front();
  EXPECT_TRUE(testing::eventually([&] { return is_served(served); }));
}

TEST(Server, ASlowReaderLosesTheRestAndHoldsUpNobody) {
  ServedControl served;
  RawClient slow(served.socket());
  RawClient quick(served.socket());
  for (RawClient* client : {&slow, &quick}) {
    client->send_request("GET /v1/logs?follow=1");
    ASSERT_TRUE(client->read_until("\r\n\r\n"));
  }
  LogLine line;
  line.text = std::string(1000, 'x');
  for (int batch = 0; batch < 40; ++batch) {
    const std::string mark = "batch " + std::to_string(batch) + ".";
    served.with([&](FakeControl& control) {
      for (int i = 0; i < 50; ++i)
        control.lines.tell(line);
      LogLine last;
      last.text = mark;
      control.lines.tell(last);
    });
    ASSERT_TRUE(quick.read_until(mark));
  }
  EXPECT_TRUE(is_served(served));

  const auto got = slow.read_answer().lines();
  ASSERT_FALSE(got.empty());
  EXPECT_LT(got.size(), 40u * 51u);
  EXPECT_EQ(got.back().at("error").at("message"),
            "this client reads too slowly; the rest of the stream is lost");
}

TEST(Server, ItsEndEndsTheStreamsProperly) {
  ServedControl served;
  RawClient follower(served.socket());
  follower.send_request("GET /v1/events?follow=1");
  ASSERT_TRUE(follower.read_until("\r\n\r\n"));
  served.with([](FakeControl& control) {
    Event event;
    event.text = "stopping";
    control.events.tell(event);
  });
  served.finish();
  const auto lines = follower.read_answer().lines();  // whole: the last chunk is there
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].at("event").at("text"), "stopping");
  EXPECT_FALSE(fs::exists(served.socket()));
}

TEST(Server, AnswersWhatIsDueAtItsEnd) {
  ServedControl served;
  RawClient client(served.socket());
  client.send_request("POST /v1/operations", R"({"verb":"stop","service":"items"})");
  ASSERT_TRUE(client.read_until("accepted"));
  served.with([](FakeControl& control) { control.answer({"done", "", "", 0}); });
  served.finish();
  EXPECT_EQ(client.read_answer().lines().back().at("answer").at("outcome"), "done");
}

}  // namespace
}  // namespace baton::admin
