// Claims about baton-worker, under batond and alone:
//  - Items are neither lost nor doubled by SIGHUPs under load, with two workers a generation.
//  - A POST that trickles in across a SIGHUP is answered 201 by the old generation.
//  - An idle connection is not closed by the drain: its next request is answered, and told to
//    close.
//  - What is not finished at the deadline is cut, and one line says how much was finished and cut.
//  - What keeps it from starting is what batonctl says.
//  - Alone it serves, and SIGTERM ends it with 0 after what is in flight.
#include "tests/integration/reference_worker.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <httplib.h>

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <variant>

namespace baton::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST_F(ReferenceWorker, NeitherLosesNorDoublesAnItem) {
  site_.services["app"].workers = 2;
  serve();
  torture::BackgroundRun fresh(clients_with_token(torture::Mode::fresh, 16));
  torture::BackgroundRun kept(clients_with_token(torture::Mode::keep_alive, 8));
  for (std::uint64_t number = 1; number <= 6; ++number) {
    ASSERT_TRUE(eventually([&] { return fresh.live().newest_generation == number; }));
    batond().hang_up();
    ASSERT_TRUE(batond().wait_for("generation_gone", number));
  }
  std::size_t acknowledged = 0;
  for (auto* const run : {&fresh, &kept}) {
    const torture::Report report = run->finish();
    EXPECT_TRUE(report.passed()) << torture::to_json(report);
    for (const torture::Acknowledged& item : report.acknowledged) {
      SQLite::Database database(database_.string());
      SQLite::Statement found(database, "SELECT count(*) FROM items WHERE id = ? AND name = ?");
      found.bind(1, item.id);
      found.bind(2, item.name);
      ASSERT_TRUE(found.executeStep());
      EXPECT_EQ(found.getColumn(0).getInt(), 1) << item.name;
    }
    acknowledged += report.acknowledged.size();
  }
  EXPECT_GT(acknowledged, 0u);
  EXPECT_EQ(
      count("SELECT count(*) FROM (SELECT name FROM items GROUP BY name HAVING count(*) > 1)"), 0);
}

TEST_F(ReferenceWorker, AnswersAPostThatTricklesInAcrossAHangup) {
  serve();
  auto options = clients_with_token(torture::Mode::slow_body, 1);
  options.requests = 1;
  options.body_time = 1s;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] { return run.live().connections == 1; }));
  batond().hang_up();
  ASSERT_TRUE(batond().wait_for("cut_over", 2));
  const auto report = run.wait();
  EXPECT_TRUE(report.passed()) << torture::to_json(report);
  EXPECT_EQ(report.statuses.at(201), 1u);
  EXPECT_EQ(report.generations.begin()->first, 1u);
}

TEST_F(ReferenceWorker, CutsWhatIsLeftAtTheDeadlineAndSaysSo) {
  site_.services["app"].drain_timeout = "300ms";
  serve();
  auto options = clients_with_token(torture::Mode::slow_body, 1);
  options.requests = 1;
  options.body_time = 8s;
  torture::BackgroundRun run(options);
  ASSERT_TRUE(eventually([&] {
    return batond().status()["services"][0]["generations"][0]["workers"][0]["in_flight"] == 1;
  }));
  const Ran ran = deploy("v1");
  EXPECT_EQ(ran.exit_code, 151) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("1 unfinished request(s) of generation 1 were cut off"));
  EXPECT_TRUE(batond().wait_for([](const LogEntry& entry) {
    return entry.stream == "out" && entry.generation == 1 &&
           entry.text.find("0 requests finished in the drain, 1 cut off") != std::string::npos;
  }));
  EXPECT_EQ(run.wait().lost_requests, 1u);
}

TEST_F(ReferenceWorker, SaysWhatKeepsItFromStarting) {
  serve();
  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    const char* reason;
  };
  const std::string missing = scratch("missing").string();
  const Case cases[] = {
      {"no-secret", {"--database", database_.string()}, "there is no token secret"},
      {"secret-missing",
       {"--database", database_.string(), "--secret-file", missing},
       "cannot open the secret file"},
      {"database-missing",
       {"--database", missing + "/items.db", "--secret-file", secret_.string()},
       "items.db"},
  };
  for (const auto& [name, arguments, reason] : cases) {
    std::vector<std::string> whole{program("baton-worker").string()};
    whole.insert(whole.end(), arguments.begin(), arguments.end());
    site_.add_release(name, whole);
    const Ran ran = deploy(name);
    EXPECT_EQ(ran.exit_code, 150) << name << ": " << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(reason)) << name;
  }
}

TEST_F(ReferenceWorker, AloneServesAndEndsWellWithSigterm) {
  auto arguments = command();
  arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
  Child alone(Command{arguments, {}});
  const auto line = alone.out().wait_for("listening on ");
  ASSERT_TRUE(line);
  const auto address = net::parse_address(line->substr(line->find("listening on ") + 13)).value();
  httplib::Client client = connect(address);
  const auto created = client.Post("/api/v1/item", R"({"name":"alone"})", "application/json");
  ASSERT_TRUE(created);
  EXPECT_EQ(created->status, 201);
  EXPECT_THAT(created->get_header_value("X-Worker"), ::testing::StartsWith("0."));
  alone.signal(SIGTERM);
  client.stop();
  EXPECT_EQ(alone.wait(), 0);
  EXPECT_THAT(alone.out().text(), HasSubstr("the database is closed"));
}

// The allocator that samples makes a start three times as long.
TEST_F(ReferenceWorker, OnlyOneThatCanBeAskedForProfilesHasTheProfilers) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "not with a sanitizer";
#endif
  const auto has_it = [](pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/maps");
    const std::string maps{std::istreambuf_iterator(file), {}};
    EXPECT_THAT(maps, HasSubstr("baton-worker"));
    return maps.find("libtcmalloc_and_profiler.so") != maps.npos;
  };
  serve();
  ASSERT_THAT(workers(), ::testing::SizeIs(1));
  EXPECT_FALSE(has_it(workers().front()));

  auto with_admin = command();
  with_admin.insert(with_admin.end(), {"--admin", "unix:" + scratch("admin").string()});
  site_.add_release("v2", with_admin);
  ASSERT_EQ(deploy("v2").exit_code, 0);
  ASSERT_THAT(workers(), ::testing::SizeIs(1));
  EXPECT_TRUE(has_it(workers().front()));
  httplib::Client admin(scratch("admin").string());
  admin.set_address_family(AF_UNIX);
  const auto heap = admin.Get("/debug/pprof/heap");
  ASSERT_TRUE(heap);
  EXPECT_EQ(heap->status, 200);
  EXPECT_THAT(heap->body, HasSubstr("heap profile:"));
  const auto processor = admin.Get("/debug/pprof/profile?seconds=1");
  ASSERT_TRUE(processor);
  EXPECT_EQ(processor->status, 200);
  EXPECT_THAT(processor->body, HasSubstr("baton-worker")) << "the map of the process";
}

TEST_F(ReferenceWorker, RefusesBadCommandLines) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--listne", "x"}, "--listne"},
      {{"--database", database_.string(), "--threads", "0"}, "--threads"},
      {{"--database", database_.string(), "--idle-timeout", "10"}, "--idle-timeout"},
      {{"--listen", "127.0.0.1:0"}, "--database"},
  };
  for (const auto& [arguments, subject] : cases) {
    std::vector<std::string> whole{program("baton-worker").string()};
    whole.insert(whole.end(), arguments.begin(), arguments.end());
    const Ran ran = run(Command{whole, {}});
    EXPECT_EQ(ran.exit_code, 2) << subject;
    EXPECT_THAT(ran.err, HasSubstr(subject));
  }
}

}  // namespace
}  // namespace baton::testing
