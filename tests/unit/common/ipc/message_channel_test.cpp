#include "tests/unit/common/ipc/channel_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>

#include <array>
#include <string>

namespace baton::ipc {
namespace {

int socket_type(const UniqueFd& fd) {
  int type = 0;
  socklen_t size = sizeof(type);
  EXPECT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &type, &size), 0);
  return type;
}

TEST_F(Channel, BothEndsAreSequencedCloseOnExecAndNonBlocking) {
  for (const UniqueFd* end : {&ours_, &theirs_}) {
    EXPECT_EQ(socket_type(*end), SOCK_SEQPACKET);
    EXPECT_NE(::fcntl(end->get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(::fcntl(end->get(), F_GETFL) & O_NONBLOCK, 0);
  }
}

TEST_F(Channel, MessagesKeepTheirOrderAndTheirBounds) {
  ASSERT_TRUE(send(ours_, "one"));
  ASSERT_TRUE(send(ours_, std::string("t\0wo", 4)));
  EXPECT_EQ(receive(theirs_).value().bytes, "one");
  EXPECT_EQ(receive(theirs_).value().bytes, std::string("t\0wo", 4));
  ASSERT_TRUE(send(theirs_, "back"));
  EXPECT_EQ(receive(ours_).value().bytes, "back");
}

TEST_F(Channel, NothingToReceiveWouldBlock) {
  const auto received = receive(ours_);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, Errc::would_block);
  EXPECT_EQ(received.error().message, "the channel is not ready");
}

TEST_F(Channel, AReceiverThatDoesNotReadMakesTheSenderBlockAndLosesNothing) {
  const std::string large(max_message_bytes, 'x');
  std::size_t sent = 0;
  Result<void> result;
  while ((result = send(ours_, large)))
    ++sent;
  EXPECT_EQ(result.error().code, Errc::would_block);
  EXPECT_GT(sent, 0U);
  for (; sent > 0; --sent)
    EXPECT_EQ(receive(theirs_).value().bytes, large);
  EXPECT_TRUE(send(ours_, large));
}

TEST_F(Channel, AnFdRidesOnItsMessageAndIsTheSameOpenFile) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  ASSERT_TRUE(send(ours_, "plain"));
  ASSERT_TRUE(send(ours_, "with", std::array{write_end.get()}));
  write_end.reset();

  EXPECT_TRUE(receive(theirs_).value().fds.empty());
  const Message message = receive(theirs_).value();
  ASSERT_EQ(message.fds.size(), 1U);
  EXPECT_EQ(::write(message.fds[0].get(), "hi", 2), 2);
  std::array<char, 2> bytes{};
  EXPECT_EQ(::read(read_end.get(), bytes.data(), bytes.size()), 2);
}

TEST_F(Channel, AReceivedFdIsCloseOnExecWhateverTheSendersWas) {
  const UniqueFd inheritable(::open("/dev/null", O_RDONLY));
  ASSERT_TRUE(send(ours_, "x", std::array{inheritable.get()}));
  const Message message = receive(theirs_).value();
  ASSERT_EQ(message.fds.size(), 1U);
  EXPECT_NE(::fcntl(message.fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Channel, FdsArriveInTheirOrder) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  const UniqueFd null = open_null();
  const std::array sent{null.get(), write_end.get(), read_end.get()};
  ASSERT_TRUE(send(ours_, "x", sent));
  const Message message = receive(theirs_).value();
  ASSERT_EQ(message.fds.size(), sent.size());
  EXPECT_EQ(::fcntl(message.fds[0].get(), F_GETFL) & O_ACCMODE, O_RDWR);
  EXPECT_EQ(::fcntl(message.fds[1].get(), F_GETFL) & O_ACCMODE, O_WRONLY);
  EXPECT_EQ(::fcntl(message.fds[2].get(), F_GETFL) & O_ACCMODE, O_RDONLY);
}

TEST_F(Channel, ThePeersEndIsToldToTheReceiverAfterItsLastMessage) {
  ASSERT_TRUE(send(theirs_, "last words"));
  theirs_.reset();
  EXPECT_EQ(receive(ours_).value().bytes, "last words");
  for (int again = 0; again < 2; ++again) {
    const auto received = receive(ours_);
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, Errc::closed);
    EXPECT_EQ(received.error().message, "the other side has closed the channel");
  }
}

TEST_F(Channel, LastWordsAreHeardFromAPeerThatLeftOursUnread) {
  ASSERT_TRUE(send(ours_, "never read"));
  ASSERT_TRUE(send(theirs_, "last words"));
  theirs_.reset();
  EXPECT_EQ(receive(ours_).value().bytes, "last words");
  EXPECT_EQ(receive(ours_).error().code, Errc::closed);
}

TEST_F(Channel, SendingToAPeerThatIsGoneIsAnErrorAndNoSignal) {
  theirs_.reset();
  const auto sent = send(ours_, "x");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::closed);
  EXPECT_EQ(sent.error().message, "the other side has closed the channel");
}

TEST_F(Channel, AnFdThatIsNoSocketIsNamedByTheCallThatFails) {
  const UniqueFd null = open_null();
  EXPECT_EQ(send(null, "x").error().message, "sendmsg: Socket operation on non-socket");
  EXPECT_EQ(receive(null).error().message, "recvmsg: Socket operation on non-socket");
}

}  // namespace
}  // namespace baton::ipc
