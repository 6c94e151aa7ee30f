// What does not fit is refused whole by the sender; what a foreign sender sends all the same is
// lost, costs no fd, and does no harm to the message after it.
#include "tests/support/leftovers.hpp"
#include "tests/unit/common/ipc/channel_fixture.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>

namespace baton::ipc {
namespace {

using baton::testing::open_fds;

// sendmsg(2) without our limits, as a worker in another language may call it.
void send_raw(const UniqueFd& channel, std::string bytes, const std::vector<int>& fds) {
  iovec data{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  std::vector<unsigned char> control(CMSG_SPACE(sizeof(int) * fds.size()));
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(part), fds.data(), sizeof(int) * fds.size());
  }
  ASSERT_EQ(::sendmsg(channel.get(), &header, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

// Lets the process open no fd at all while it lives.
class NoMoreFds {
 public:
  NoMoreFds() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreFds() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreFds(const NoMoreFds&) = delete;
  NoMoreFds& operator=(const NoMoreFds&) = delete;

 private:
  rlimit before_{};
};

constexpr const char* fds_did_not_fit =
    "the file descriptors of a message did not fit (over 250, or over this process's "
    "RLIMIT_NOFILE)";

TEST_F(Channel, TheLargestMessageArrivesWhole) {
  const std::string large(max_message_bytes, 'x');
  ASSERT_TRUE(send(ours_, large));
  EXPECT_EQ(receive(theirs_).value().bytes, large);
}

TEST_F(Channel, AMessageOverTheLimitIsNotSent) {
  const auto sent = send(ours_, std::string(max_message_bytes + 1, 'x'));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::too_large);
  EXPECT_EQ(sent.error().message, "a message of 65537 bytes is over the limit of 65536");
  EXPECT_EQ(receive(theirs_).error().code, Errc::would_block);
}

// On the wire it could not be told from the end.
TEST_F(Channel, AnEmptyMessageIsNotSent) {
  const auto sent = send(ours_, "");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::invalid_input);
  EXPECT_EQ(sent.error().message, "an empty message can't be sent");
  EXPECT_EQ(receive(theirs_).error().code, Errc::would_block);
}

TEST_F(Channel, AsManyFdsAsTheLimitArrive) {
  const UniqueFd null = open_null();
  const std::size_t before = open_fds(::getpid());
  ASSERT_TRUE(send(ours_, "x", repeated(null, max_message_fds)));
  {
    const Message message = receive(theirs_).value();
    EXPECT_EQ(message.fds.size(), max_message_fds);
    EXPECT_EQ(open_fds(::getpid()), before + max_message_fds);
  }
  EXPECT_EQ(open_fds(::getpid()), before);
}

TEST_F(Channel, OneFdMoreIsNotSent) {
  const UniqueFd null = open_null();
  const auto sent = send(ours_, "x", repeated(null, max_message_fds + 1));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::too_large);
  EXPECT_EQ(sent.error().message, "a message with 251 file descriptors is over the limit of 250");
  EXPECT_EQ(receive(theirs_).error().code, Errc::would_block);
}

TEST_F(Channel, AReceivedMessageOverTheLimitIsLostWithItsFds) {
  const UniqueFd null = open_null();
  const std::size_t before = open_fds(::getpid());
  send_raw(theirs_, std::string(max_message_bytes + 1, 'x'), {null.get()});
  send_raw(theirs_, "next", {});
  const auto received = receive(ours_);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, Errc::too_large);
  EXPECT_EQ(received.error().message, "a message is over the limit of 65536 bytes");
  EXPECT_EQ(open_fds(::getpid()), before);
  EXPECT_EQ(receive(ours_).value().bytes, "next");
}

// 253 is what the kernel lets through (SCM_MAX_FD).
TEST_F(Channel, AReceivedMessageWithTooManyFdsIsLostWithAllOfThem) {
  const UniqueFd null = open_null();
  const std::size_t before = open_fds(::getpid());
  send_raw(theirs_, "x", repeated(null, 253));
  send_raw(theirs_, "next", {});
  const auto received = receive(ours_);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, Errc::too_large);
  EXPECT_EQ(received.error().message, fds_did_not_fit);
  EXPECT_EQ(open_fds(::getpid()), before);
  EXPECT_EQ(receive(ours_).value().bytes, "next");
}

TEST_F(Channel, FdsThatThisProcessMayNotHaveAreSaidToBeLost) {
  const UniqueFd null = open_null();
  const std::size_t before = open_fds(::getpid());
  send_raw(theirs_, "x", repeated(null, 3));
  send_raw(theirs_, "next", {});
  Result<Message> received = Message{};
  {
    const NoMoreFds scope;
    received = receive(ours_);
  }
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, Errc::too_large);
  EXPECT_EQ(received.error().message, fds_did_not_fit);
  EXPECT_EQ(open_fds(::getpid()), before);
  EXPECT_EQ(receive(ours_).value().bytes, "next");
}

}  // namespace
}  // namespace baton::ipc
