#include "common/net/listen.hpp"

#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>

namespace baton::net {
namespace {

using testing::TempDir;

int option(const UniqueFd& socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof(value);
  EXPECT_EQ(::getsockopt(socket.get(), level, name, &value, &length), 0);
  return value;
}

class ListenOn : public ::testing::TestWithParam<const char*> {
 protected:
  TempDir directory_;
};

TEST_P(ListenOn, MakesAListeningNonBlockingCloseOnExecSocket) {
  const std::string text = GetParam();
  const auto address =
      parse_address(text == "unix" ? "unix:" + (directory_ / "socket").string() : text);
  ASSERT_TRUE(address) << address.error().message;
  const auto socket = listen_on(*address, 16);
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(option(*socket, SOL_SOCKET, SO_ACCEPTCONN), 1);
  EXPECT_EQ(option(*socket, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
  EXPECT_NE(::fcntl(socket->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(socket->get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(::accept(socket->get(), nullptr, nullptr), -1);
  EXPECT_EQ(errno, EAGAIN);
}

INSTANTIATE_TEST_SUITE_P(EachFamily, ListenOn, ::testing::Values("127.0.0.1:0", "[::1]:0", "unix"));

TEST(ListenOnTcp, TellsThePortThatTheKernelPicked) {
  const auto socket = listen_on(Ipv4Address{"127.0.0.1", 0}, 16);
  ASSERT_TRUE(socket) << socket.error().message;
  const auto local = local_address(*socket);
  ASSERT_TRUE(local);
  EXPECT_EQ(std::get<Ipv4Address>(*local).host, "127.0.0.1");
  EXPECT_NE(std::get<Ipv4Address>(*local).port, 0);
}

TEST(ListenOnTcp, RefusesAnAddressInUseByName) {
  const auto first = listen_on(Ipv4Address{"127.0.0.1", 0}, 16);
  ASSERT_TRUE(first) << first.error().message;
  const Address taken = *local_address(*first);
  const auto second = listen_on(taken, 16);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::system);
  EXPECT_EQ(second.error().message,
            "cannot listen on " + format_address(taken) + ": Address already in use");
}

TEST(ListenOnTcp, KeepsV6SocketsOutOfV4) {
  const auto v6 = listen_on(Ipv6Address{"::1", 0}, 16);
  ASSERT_TRUE(v6) << v6.error().message;
  EXPECT_EQ(option(*v6, IPPROTO_IPV6, IPV6_V6ONLY), 1);
}

TEST(ListenOnTcp, RefusesAnAddressOfAnotherMachine) {
  const auto socket = listen_on(Ipv4Address{"192.0.2.1", 0}, 16);  // TEST-NET-1, RFC 5737
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().message,
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

class ListenOnUnix : public ::testing::Test {
 protected:
  Result<UniqueFd> listen() { return listen_on(address_, 16); }

  TempDir directory_;
  const std::filesystem::path path_ = directory_ / "socket";
  const UnixAddress address_{path_};
};

TEST_F(ListenOnUnix, TellsItsPath) {
  const auto socket = listen();
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(*local_address(*socket), Address{address_});
}

TEST_F(ListenOnUnix, ReplacesASocketThatNobodyListensOn) {
  ASSERT_TRUE(listen());  // closed at once; the file stays
  ASSERT_TRUE(std::filesystem::is_socket(path_));
  const auto socket = listen();
  EXPECT_TRUE(socket) << socket.error().message;
}

TEST_F(ListenOnUnix, LeavesALivingListenerAlone) {
  const auto first = listen();
  ASSERT_TRUE(first) << first.error().message;
  const auto second = listen();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::busy);
  EXPECT_EQ(second.error().message,
            "cannot listen on unix:" + path_.string() +
                ": another process listens there; stop it or choose another path");
  EXPECT_TRUE(std::filesystem::is_socket(path_));
}

TEST_F(ListenOnUnix, LeavesAListenerWithAFullQueueAlone) {
  const auto first = listen_on(address_, 0);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(listen());  // the probe's own connection fills the queue
  EXPECT_FALSE(listen());
  EXPECT_TRUE(std::filesystem::is_socket(path_));
}

TEST_F(ListenOnUnix, RemovesNoOtherKindOfFile) {
  testing::write_file(path_, "precious");
  const auto socket = listen();
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, Errc::busy);
  EXPECT_EQ(socket.error().message,
            "cannot listen on unix:" + path_.string() +
                ": a file that is not a socket is in the way; move it away");
  EXPECT_EQ(testing::read_file(path_), "precious");
}

TEST_F(ListenOnUnix, SaysThatTheDirectoryIsMissing) {
  const auto socket = listen_on(UnixAddress{"/nonexistent/socket"}, 16);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().message,
            "cannot listen on unix:/nonexistent/socket: No such file or directory");
}

TEST(LocalAddress, RefusesWhatIsNoSocket) {
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto local = local_address(file);
  ASSERT_FALSE(local);
  EXPECT_EQ(local.error().message, "getsockname: Socket operation on non-socket");
}

}  // namespace
}  // namespace baton::net
