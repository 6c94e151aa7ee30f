// What a request costs in memory: with everything warm, nothing is allocated for it that it does
// not need. A count, so it is the same on every machine.
#include "tests/unit/worker/http/allocation_count.hpp"
#include "tests/unit/worker/http/test_server.hpp"
#include "worker/http/middleware.hpp"

#include <gtest/gtest.h>

namespace baton::http {
namespace {

using testing::TestServer;

constexpr int enough_to_warm_up = 50;
constexpr int requests = 100;

class Allocations : public ::testing::Test {
 protected:
  Allocations() { testing::leave_this_thread_out(); }

  // By the server, for one of a hundred requests on a connection that has had some.
  static double per_request(TestServer& server, std::string_view path) {
    testing::TestClient client = server.connect();
    for (int i = 0; i < enough_to_warm_up; ++i)
      EXPECT_EQ(client.get(path).status, 200);
    const auto before = testing::allocations();
    for (int i = 0; i < requests; ++i)
      EXPECT_EQ(client.get(path).status, 200);
    return static_cast<double>(testing::allocations() - before) / requests;
  }
};

TEST_F(Allocations, AreCounted) {
  const auto before = testing::allocations();
  std::jthread([] { ::operator delete(::operator new(1)); }).join();
  EXPECT_GT(testing::allocations(), before);
}

TEST_F(Allocations, ARequestOnTheIoThreadNeedsNone) {
  TestServer server;
  EXPECT_EQ(per_request(server, "/"), 0);
}

TEST_F(Allocations, NorDoesOneWithTheMiddlewareOfTheReferenceService) {
  TestServer server({}, {request_id(), recover(nullptr)});
  EXPECT_EQ(per_request(server, "/"), 0);
}

// What tells the handler that its client has gone, and the frame that waits for it.
TEST_F(Allocations, ARequestOnThePoolNeedsTwo) {
  TestServer server;
  EXPECT_LE(per_request(server, "/pool"), 2);
}

}  // namespace
}  // namespace baton::http
