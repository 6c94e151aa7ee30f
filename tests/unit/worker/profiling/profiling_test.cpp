// What pprof asks for, and what it gets; and the vars.
#include "worker/profiling/profiling.hpp"

#include "tests/support/eventually.hpp"
#include "worker/profiling/profiler.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <thread>

namespace baton::profiling {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::StartsWith;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_profiler = false;
#else
constexpr bool has_profiler = true;
#endif

std::stop_token stopped() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

class Profiling : public ::testing::Test {
 protected:
  Profiling() {
    add_routes(router_, [] {
      return Vars{
          .version = "1.2.3", .generation = 4, .connections = 3, .in_flight = 2, .requests = 1};
    });
  }

  unsigned call(Method method, const std::string& path, const std::string& query = "",
                const std::string& body = "") {
    exchange_.clear();
    exchange_.request.method = method;
    exchange_.request.query = query;
    exchange_.request.body = body;
    exchange_.request.cancelled = stopped();  // nobody waits: a profile ends as soon as it began
    router_.find(method, path).handler(exchange_);
    return exchange_.response.status;
  }

  const std::string& body() const { return exchange_.response.body; }
  std::string message() const { return nlohmann::json::parse(body()).at("error").at("message"); }

  http::Router router_;
  http::Exchange exchange_;
};

TEST_F(Profiling, TheCommandLineIsOneArgumentALine) {
  EXPECT_EQ(call(Method::get, "/debug/pprof/cmdline"), 200U);
  std::ifstream file("/proc/self/cmdline");
  std::string program;
  std::getline(file, program, '\0');
  EXPECT_THAT(body(), StartsWith(program + "\n"));
  EXPECT_EQ(body().find('\0'), std::string::npos);
}

TEST_F(Profiling, SymbolsCanBeHad) {
  EXPECT_EQ(call(Method::get, "/debug/pprof/symbol"), 200U);
  EXPECT_EQ(body(), "num_symbols: 1\n");
  EXPECT_EQ(call(Method::post, "/debug/pprof/symbol", "", "0x1+0x2"), 200U);
  EXPECT_EQ(body(), "0x1\t0x1\n0x2\t0x2\n");
}

TEST_F(Profiling, TheLengthOfAProfileIsChecked) {
  for (const char* seconds : {"0", "301", "-1", "x", "", "1.5", "99999999999"}) {
    EXPECT_EQ(call(Method::get, "/debug/pprof/profile", "seconds=" + std::string(seconds)), 422U);
    EXPECT_EQ(message(), "'seconds' must be a number from 1 to 300") << seconds;
  }
}

// The binary form of gperftools: header words 0, 3, 0, the sampling period in us, 0.
TEST_F(Profiling, ACpuProfileHasTheFormOfGperftools) {
  if (!has_profiler) GTEST_SKIP() << "not with a sanitizer";
  ASSERT_EQ(call(Method::get, "/debug/pprof/profile", "seconds=300"), 200U) << body();
  std::array<std::uint64_t, 5> header{};
  ASSERT_GE(body().size(), sizeof(header));
  std::memcpy(header.data(), body().data(), sizeof(header));
  EXPECT_EQ(header[0], 0U);
  EXPECT_EQ(header[1], 3U);
  EXPECT_EQ(header[2], 0U);
  EXPECT_GT(header[3], 0U);
  EXPECT_EQ(header[4], 0U);
  EXPECT_THAT(body(), HasSubstr(" r-xp ")) << "the map of the process";
}

TEST_F(Profiling, AHeapProfileHasTheFormOfGperftools) {
  if (!has_profiler) GTEST_SKIP() << "not with a sanitizer";
  ASSERT_EQ(call(Method::get, "/debug/pprof/heap"), 200U) << body();
  EXPECT_THAT(body(), HasSubstr("heap profile:"));
  EXPECT_THAT(body(), HasSubstr("MAPPED_LIBRARIES:"));
}

TEST_F(Profiling, ThereIsOneProfileAtATime) {
  if (!has_profiler) GTEST_SKIP() << "not with a sanitizer";
  std::stop_source stop;
  std::jthread first([&] {
    // Until it is not the one that comes second.
    EXPECT_TRUE(testing::eventually(
        [&] { return cpu_profile(std::chrono::seconds{300}, stop.get_token()).has_value(); }));
  });
  EXPECT_TRUE(testing::eventually([] {
    const auto second = cpu_profile(std::chrono::seconds{300}, stopped());
    return !second && second.error().code == Errc::busy;
  }));
  EXPECT_EQ(call(Method::get, "/debug/pprof/profile"), 409U);
  EXPECT_EQ(message(), "a profile is being taken already");
  stop.request_stop();
}

TEST_F(Profiling, ABuildWithoutAProfilerSaysSo) {
  if (has_profiler) GTEST_SKIP() << "this build has one";
  for (const char* path : {"/debug/pprof/profile", "/debug/pprof/heap"}) {
    EXPECT_EQ(call(Method::get, path), 501U);
    EXPECT_EQ(message(), "this build has no profiler (it has a sanitizer)");
  }
}

TEST_F(Profiling, TheVars) {
  ASSERT_EQ(call(Method::get, "/debug/vars"), 200U);
  const auto vars = nlohmann::json::parse(body());
  EXPECT_EQ(vars.at("version"), "1.2.3");
  EXPECT_EQ(vars.at("generation"), 4);
  EXPECT_EQ(vars.at("connections"), 3);
  EXPECT_EQ(vars.at("in_flight"), 2);
  EXPECT_EQ(vars.at("requests"), 1);
  EXPECT_EQ(vars.at("pid"), ::getpid());
  EXPECT_GE(vars.at("uptime_ms"), 0);
  EXPECT_GT(vars.at("resident_bytes"), 1 << 20);
  EXPECT_GT(vars.at("open_files"), 2);
}

TEST_F(Profiling, NothingOfItRunsOnAnIoThread) {
  for (const char* path : {"/debug/pprof/profile", "/debug/pprof/heap", "/debug/pprof/cmdline",
                           "/debug/pprof/symbol", "/debug/vars"}) {
    EXPECT_EQ(router_.find(Method::get, path).where, http::RunOn::pool) << path;
  }
}

}  // namespace
}  // namespace baton::profiling
