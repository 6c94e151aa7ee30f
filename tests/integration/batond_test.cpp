#include "tests/integration/batond_test.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <iostream>

namespace baton::testing {

BatondTest::BatondTest() {
  adopt_orphans();
}

void BatondTest::TearDown() {
  if (batond_) {
    EXPECT_EQ(batond_->stop(), 0) << "batond does not end, or not well";
    if (HasFailure()) std::cerr << "---- batond's log\n" << batond_->process().err().text();
    batond_.reset();
    EXPECT_FALSE(std::filesystem::exists(site_.control_socket()));
    EXPECT_FALSE(std::filesystem::exists(site_.runtime_dir() / "batond.pid"));
  }
  EXPECT_THAT(take_leftover_processes(), ::testing::IsEmpty());
}

Batond& BatondTest::start() {
  site_.write_config();
  batond_.emplace(site_);
  for (const auto& [name, service] : site_.services) {
    EXPECT_TRUE(batond_->wait_for("cut_over", 1, name)) << name << " does not come up";
  }
  return *batond_;
}

torture::Options BatondTest::clients(torture::Mode mode, unsigned number,
                                     const std::string& listener) {
  torture::Options options;
  options.target = batond().address(listener);
  options.mode = mode;
  options.clients = number;
  options.timeout = patience;
  options.name_prefix = "test";
  return options;
}

std::uint64_t BatondTest::generation_that_answers() {
  auto options = clients(torture::Mode::fresh, 1);
  options.requests = 1;
  torture::Live live;
  torture::run(options, live);
  return live.newest_generation;
}

Command BatondTest::deploy_command(const std::string& release, std::vector<std::string> more) {
  more.insert(more.begin(), {"deploy", "app", "--release", site_.release(release)});
  return batond().ctl_command(std::move(more));
}

pid_t BatondTest::worker_of(std::uint64_t generation) {
  const auto status = batond().status();
  for (const auto& each : status["services"][0]["generations"]) {
    if (each["number"] == generation) return each["workers"][0]["pid"].get<pid_t>();
  }
  return -1;
}

Ran BatondTest::deploy(const std::string& release, std::vector<std::string> more) {
  return run(deploy_command(release, std::move(more)));
}

std::string BatondTest::stored_outcome(const std::string& id) const {
  SQLite::Database database((site_.path() / "state/history.db").string());
  SQLite::Statement statement(database, "SELECT outcome FROM deploy WHERE id = ?");
  statement.bind(1, id);
  return statement.executeStep() ? statement.getColumn(0).getString() : "";
}

}  // namespace baton::testing
