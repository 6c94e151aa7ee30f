#include "supervisor/runtime/worker_output.hpp"

#include "tests/unit/supervisor/runtime/event_loop.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

namespace baton::runtime {
namespace {

using testing::ElementsAre;

class Output : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // as in batond: writing where nobody reads is an error
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    pipe_.reset(ends[1]);
    output_.emplace(loop_.io(), UniqueFd(ends[0]),
                    [this](std::string line) { lines_.push_back(std::move(line)); });
  }

  void print(std::string_view text) const {
    ASSERT_EQ(::write(pipe_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  // As much as the pipe takes; returns how many lines that are.
  std::size_t fill() const {
    std::size_t count = 0;
    while (::write(pipe_.get(), "y\n", 2) == 2)
      ++count;
    return count;
  }

  EventLoop loop_;
  UniqueFd pipe_;
  std::vector<std::string> lines_;
  std::optional<WorkerOutput> output_;
};

TEST_F(Output, ComesLineByLine) {
  print("one\ntw");
  loop_.run_until([&] { return lines_.size() == 1; });
  print("o\n");
  loop_.run_until([&] { return lines_.size() == 2; });
  EXPECT_THAT(lines_, ElementsAre("one", "two"));
}

TEST_F(Output, LastLineNeedsNoNewline) {
  print("one\ntwo");
  pipe_.reset();
  loop_.run_until([&] { return lines_.size() == 2; });
  EXPECT_THAT(lines_, ElementsAre("one", "two"));
}

TEST_F(Output, FloodLeavesOthersTheirTurn) {
  const std::size_t printed = fill();
  std::size_t seen_by_other = 0;
  Alarm other(loop_.io());
  other.set(std::chrono::steady_clock::now(), [&] { seen_by_other = lines_.size() + 1; });
  loop_.run_until([&] { return seen_by_other != 0; });
  EXPECT_LT(seen_by_other, printed);
  loop_.run_until([&] { return lines_.size() == printed; });
}

TEST_F(Output, FinishTakesWhatIsLeftAndLetsGoOfAPipeThatOthersHold) {
  print("one\ntwo");
  output_->finish();  // pipe_ is still open, as in a grandchild
  EXPECT_THAT(lines_, ElementsAre("one", "two"));
  EXPECT_EQ(::write(pipe_.get(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
}

TEST_F(Output, FinishOfAFullPipeTakesAllOfIt) {
  const std::size_t printed = fill();
  output_->finish();
  EXPECT_EQ(lines_.size(), printed);
}

}  // namespace
}  // namespace baton::runtime
