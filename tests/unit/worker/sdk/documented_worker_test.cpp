// The worker in Python that docs/protocol.md shows is a whole one: it is taken from there and led
// through its life.
#include "common/net/listen.hpp"
#include "tests/support/child.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/worker/sdk/line_client.hpp"
#include "tests/unit/worker/sdk/supervisor_end.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>

#include <optional>

namespace baton::sdk {
namespace {

using namespace std::chrono_literals;
using baton::testing::eventually;

const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

// What stands between ```python and ``` in the page.
std::string documented_worker() {
  const std::string page = baton::testing::read_file(BATON_DOCS_DIR "/protocol.md");
  const std::string begin = "```python\n";
  const std::size_t from = page.find(begin) + begin.size();
  return page.substr(from, page.find("```", from) - from);
}

class DocumentedWorker : public ::testing::Test {
 protected:
  void SetUp() override {
    baton::testing::write_file(dir_ / "worker.py", documented_worker());
    ::fcntl(supervisor_.workers_end().get(), F_SETFD, 0);
    worker_.emplace(
        baton::testing::Command{{"/usr/bin/env", "python3", dir_ / "worker.py"},
                                {{"BATON_FD", std::to_string(supervisor_.workers_end().get())}}});
    supervisor_.workers_end().reset();
    EXPECT_EQ(supervisor_.hear<protocol::Hello>().pid, worker_->pid());
    supervisor_.say(listeners({"web"}), {listener_.get()});
    supervisor_.hear<protocol::Ready>();
    activate();
  }

  void activate() {
    supervisor_.say(protocol::Activate{});
    supervisor_.hear<protocol::Accepting>();
  }

  protocol::Progress progress() {
    supervisor_.say(protocol::Ping{});
    return supervisor_.hear<protocol::Progress>();
  }

  static std::string last_line(LineClient& client) {
    std::string last;
    for (std::string line = client.hear(); !line.empty(); line = client.hear())
      last = line;
    return last;
  }

  baton::testing::TempDir dir_;
  UniqueFd listener_ = net::listen_on(net::Ipv4Address{"127.0.0.1", 0}, 16).value();
  SupervisorEnd supervisor_;
  std::optional<baton::testing::Child> worker_;
};

TEST_F(DocumentedWorker, ServesDrainsServesAgainAndStops) {
  for (int round = 1; round <= 2; ++round) {
    LineClient quick(listener_);
    quick.say(request);
    EXPECT_EQ(last_line(quick), "generation 7\n");
    LineClient slow(listener_);
    slow.say("GET");
    EXPECT_TRUE(eventually([&] { return progress().in_flight == 1; }));
    supervisor_.say(protocol::Drain{.timeout = 60s});
    EXPECT_EQ(progress().connections, 1U);
    slow.say(request.substr(3));
    EXPECT_EQ(last_line(slow), "generation 7\n");
    EXPECT_EQ(supervisor_.hear<protocol::Drained>(),
              (protocol::Drained{.finished = 1, .cut_off = 0}));
    if (round == 1) activate();
  }
  supervisor_.say(protocol::Stop{});
  EXPECT_EQ(worker_->wait(), 0) << worker_->err().text();
}

TEST_F(DocumentedWorker, CutsAtTheDeadlineAndServesTheQueueWhenItIsTheLast) {
  LineClient slow(listener_);
  slow.say("GET");
  EXPECT_TRUE(eventually([&] { return progress().in_flight == 1; }));
  supervisor_.say(protocol::Drain{.timeout = 1ms, .backlog = protocol::Backlog::serve});
  EXPECT_EQ(supervisor_.hear<protocol::Drained>(),
            (protocol::Drained{.finished = 0, .cut_off = 1}));
  EXPECT_EQ(slow.hear(), "");
}

TEST_F(DocumentedWorker, FinishesWhatItHasWhenItsSupervisorDies) {
  LineClient slow(listener_);
  slow.say("GET");
  EXPECT_TRUE(eventually([&] { return progress().in_flight == 1; }));
  supervisor_.die();
  slow.say(request.substr(3));
  EXPECT_EQ(last_line(slow), "generation 7\n");
  EXPECT_EQ(worker_->wait(), 0) << worker_->err().text();
}

}  // namespace
}  // namespace baton::sdk
