#include "tests/support/scripted_worker/deeds.hpp"

#include "common/ipc/message_channel.hpp"
#include "common/protocol/codec.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace baton::testing {
namespace {

void wait_at_gate(const std::string& path) {
  const UniqueFd gate(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char byte = 0;
  while (gate && ::read(gate.get(), &byte, 1) > 0) {
  }
}

void say(const UniqueFd& channel, const std::string& bytes) {
  // Not ipc::send(), which would refuse what is over the limit.
  [[maybe_unused]] const auto sent =
      ::send(channel.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void print_lines(long count) {
  for (long i = 1; i <= count; ++i)
    std::cout << "line " << i << " of a flood that says nothing at all\n";
  std::cout.flush();
}

void leave_orphan() {
  const pid_t child = ::fork();
  if (child != 0) return;
  if (::fork() == 0) {
    ::usleep(200'000);  // long enough to lose its parent
    std::cout << "the orphan ends" << std::endl;
  }
  ::_exit(0);
}

Then do_deed(const std::string& name, const std::string& argument, const UniqueFd& channel) {
  if (name == "mute") return Then::mute;
  if (name == "exit") std::exit(std::atoi(argument.c_str()));
  if (name == "die") ::raise(SIGKILL);
  if (name == "hang") {
    for (;;)
      ::pause();
  }
  if (name == "gate") wait_at_gate(argument);
  if (name == "fail") say(channel, protocol::encode(protocol::Failed{argument}));
  if (name == "say") say(channel, argument);
  if (name == "fds") {
    const int fds[] = {0, 1};
    static_cast<void>(ipc::send(channel, protocol::encode(protocol::Progress{}), fds));
  }
  if (name == "oversize") say(channel, std::string(ipc::max_message_bytes + 1, ' '));
  if (name == "print") print_lines(std::atol(argument.c_str()));
  if (name == "endless") std::cout << std::string(1024 * 1024, 'e') << std::flush;
  if (name == "orphan") leave_orphan();
  return Then::go_on;
}

}  // namespace

Then do_deeds(const Script& script, const std::string& moment, const UniqueFd& channel) {
  const auto found = script.deeds.find(moment);
  if (found == script.deeds.end()) return Then::go_on;
  auto then = Then::go_on;
  for (const auto& deed : found->second) {
    const auto colon = deed.find(':');
    const auto argument = colon == std::string::npos ? "" : deed.substr(colon + 1);
    if (do_deed(deed.substr(0, colon), argument, channel) == Then::mute) then = Then::mute;
  }
  return then;
}

}  // namespace baton::testing
