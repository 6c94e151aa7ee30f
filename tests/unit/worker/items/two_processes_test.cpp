// Two generations overlap: several processes open and write one file at the same time, and nothing
// of it is lost.
#include "common/unique_fd.hpp"
#include "tests/support/temp_dir.hpp"
#include "worker/items/sqlite_repository.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <vector>

namespace baton::items {
namespace {

constexpr int processes = 4;
constexpr int items_each = 50;

// The whole life of one writer: 0 if every item was created.
int write_items(const std::filesystem::path& file, int start_fd, char letter) {
  char go = 0;
  if (::read(start_fd, &go, 1) != 0) return 2;  // the end of the pipe is the signal to start
  const auto repository = SqliteRepository::open(file, std::chrono::seconds{60});
  if (!repository) return 3;
  for (int i = 0; i < items_each; ++i) {
    if (!(*repository)->create(std::string(1, letter) + std::to_string(i), {})) return 4;
  }
  return 0;
}

TEST(TwoProcesses, MakeTheFileAndWriteToItAtOnceAndLoseNothing) {
  const baton::testing::TempDir dir;
  int start[2];
  ASSERT_EQ(::pipe2(start, O_CLOEXEC), 0);
  const UniqueFd start_read(start[0]);
  UniqueFd start_write(start[1]);

  std::vector<pid_t> writers;
  for (int i = 0; i < processes; ++i) {
    const pid_t pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      start_write.reset();
      ::_exit(write_items(dir / "items.db", start_read.get(), static_cast<char>('a' + i)));
    }
    writers.push_back(pid);
  }
  start_write.reset();
  for (const pid_t pid : writers) {
    int status = -1;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }

  const auto repository = SqliteRepository::open(dir / "items.db").value();
  const ItemPage page = repository->list(1, 1000, {}).value();
  EXPECT_EQ(page.total, processes * items_each);
  std::set<std::string> names;
  for (const Item& item : page.items)
    names.insert(item.name);
  EXPECT_EQ(names.size(), static_cast<std::size_t>(processes * items_each));
}

}  // namespace
}  // namespace baton::items
