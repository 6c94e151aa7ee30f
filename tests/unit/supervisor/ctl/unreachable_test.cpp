// No supervisor, or one that does not answer as it should: exit code 7, and why.
#include "common/unique_fd.hpp"
#include "supervisor/ctl/exit_code.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <string>
#include <thread>

namespace baton::ctl {
namespace {

testing::Ran batonctl_at(const std::string& socket, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {testing::program("batonctl"), "--socket", socket});
  return testing::run({arguments, {}});
}

// Answers one client with the same bytes, whatever it asks, and is gone.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string bytes)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ::unlink(path.c_str());
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    thread_ = std::thread([this, bytes = std::move(bytes)] {
      const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      std::array<char, 4096> request;
      if (::recv(client.get(), request.data(), request.size(), 0) <= 0) return;
      static_cast<void>(::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    });
  }
  ~OneAnswer() {
    ::shutdown(listener_.get(), SHUT_RDWR);  // ends an accept4() that nobody came to
    thread_.join();
  }

 private:
  UniqueFd listener_;
  std::thread thread_;
};

std::string answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(Unreachable, NobodyListens) {
  const testing::TempDir dir;
  const std::string socket = dir / "control.sock";
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"ping"},
                                                    {"status"},
                                                    {"logs"},
                                                    {"deploy", "items"},
                                                    {"wait", "items", "--for", "ready"},
                                                    {"shutdown"}}) {
    expect_ran(batonctl_at(socket, arguments), ExitCode::no_supervisor, "",
               "batonctl: no supervisor answers on " + socket +
                   " (No such file or directory); is batond running? --socket names another one\n");
  }
}

TEST(Unreachable, SocketOfADeadSupervisor) {
  const testing::TempDir dir;
  const std::string socket = dir / "control.sock";
  { const OneAnswer gone(socket, ""); }
  expect_ran(batonctl_at(socket, {"ping"}), ExitCode::no_supervisor, "",
             "batonctl: no supervisor answers on " + socket +
                 " (Connection refused); is batond running? --socket names another one\n");
}

TEST(Unreachable, PathThatCannotBeASocket) {
  const std::string socket = "/tmp/" + std::string(120, 'x');
  expect_ran(batonctl_at(socket, {"ping"}), ExitCode::no_supervisor, "",
             "batonctl: the socket path " + socket + " is longer than 107 bytes\n");
}

TEST(Unreachable, VersionSaysSoAndIsContent) {
  const testing::TempDir dir;
  const auto ran = batonctl_at(dir / "control.sock", {"version"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(ran.out.ends_with("\nbatond   not running\n")) << ran.out;
}

TEST(Unreachable, TheSocketComesFromTheEnvironmentToo) {
  const testing::TempDir dir;
  const std::string socket = dir / "elsewhere.sock";
  const auto ran =
      testing::run({{testing::program("batonctl"), "ping"}, {{"BATON_SOCKET", socket}}});
  EXPECT_EQ(ran.exit_code, 7);
  EXPECT_NE(ran.err.find(socket), std::string::npos) << ran.err;
}

TEST(Unreachable, AnswersThatMakeNoSense) {
  const testing::TempDir dir;
  const std::string socket = dir / "control.sock";
  struct Row {
    std::string answer;
    ExitCode code;
    std::string message;
  };
  const std::vector<Row> rows{
      {answer("200 OK", "[]"), ExitCode::failed,
       "the supervisor's answer is unreadable: the text is not a JSON object"},
      {answer("200 OK", R"({"schema":9})"), ExitCode::failed,
       "the supervisor's answer is unreadable: the document's schema is 9, this side's 1"},
      {answer("200 OK", "{}"), ExitCode::failed,
       "the supervisor's status is unreadable: 'version' is missing"},
      {answer("500 No", "{}"), ExitCode::failed, "the supervisor answered with HTTP status 500"},
      {answer("403 No", R"({"error":{"message":"not for you"}})"), ExitCode::not_permitted,
       "not for you"},
  };
  for (const Row& row : rows) {
    const OneAnswer server(socket, row.answer);
    expect_ran(batonctl_at(socket, {"status"}), row.code, "", "batonctl: " + row.message + "\n");
  }
}

}  // namespace
}  // namespace baton::ctl
