// POST /v1/operations: the request, and the stream that ends with its answer.
#include "tests/unit/supervisor/admin/raw_client.hpp"
#include "tests/unit/supervisor/admin/served_control.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <string>

namespace baton::admin {
namespace {

using nlohmann::json;

Event event_of(const std::string& service, const std::string& text) {
  Event event;
  event.service = service;
  event.text = text;
  return event;
}

class Operations : public ::testing::Test {
 protected:
  ServedControl served_;
};

TEST_F(Operations, AreAcceptedThenToldThenAnswered) {
  served_.with([](FakeControl& control) {
    control.deploy_id = "items-4";
    control.upon_operation = [&control] {
      control.events.tell(event_of("items", "starting"));
      control.events.tell(event_of("other", "not of this service"));
      control.events.tell(event_of("items", "cut over"));
      control.answer({"done", "", "items-4", 4});
      control.events.tell(event_of("items", "after the answer"));
    };
  });
  const auto answer =
      ask(served_.socket(), "POST /v1/operations", R"({"verb":"deploy","service":"items"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/x-ndjson");
  const auto lines = answer.lines();
  ASSERT_EQ(lines.size(), 4u) << answer.body;
  EXPECT_EQ(lines[0], json({{"accepted", {{"deploy", "items-4"}}}, {"schema", 1}}));
  EXPECT_EQ(lines[1]["event"]["text"], "starting");
  EXPECT_EQ(lines[2]["event"]["text"], "cut over");
  EXPECT_EQ(lines[3]["answer"]["outcome"], "done");
  for (const json& line : lines)
    EXPECT_EQ(line["schema"], 1);
}

TEST_F(Operations, CarryAllThatWasAsked) {
  served_.with([](FakeControl& control) {
    control.upon_operation = [&control] { control.answer({"done", "", "", 0}); };
  });
  const auto answer = ask(served_.socket(), "POST /v1/operations",
                          R"({"schema":1,"verb":"scale","service":"items","workers":3,)"
                          R"("release":"/srv/r8","message":"more"})");
  EXPECT_EQ(answer.status, 200);
  served_.with([](FakeControl& control) {
    ASSERT_EQ(control.operations.size(), 1u);
    const Operation& operation = control.operations[0];
    EXPECT_EQ(operation.verb, Verb::scale);
    EXPECT_EQ(operation.service, "items");
    EXPECT_EQ(operation.workers, 3u);
    EXPECT_EQ(operation.release, "/srv/r8");
    EXPECT_EQ(operation.message, "more");
    EXPECT_EQ(control.peer.pid, ::getpid());
  });
}

TEST_F(Operations, ThatAreNotUnderstoodAreNotBegun) {
  const auto answer = ask(served_.socket(), "POST /v1/operations",
                          R"({"verb":"deploy","service":"items","dry_run":true})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.message(), "'dry_run' is not a key of an operation");
  served_.with([](FakeControl& control) { EXPECT_TRUE(control.operations.empty()); });
}

TEST_F(Operations, ThatTheSupervisorRefusesGetADocumentAndLeaveNoSubscription) {
  served_.with([](FakeControl& control) {
    control.refusal = Error{Errc::not_found, "there is no service 'itms'"};
  });
  const auto answer =
      ask(served_.socket(), "POST /v1/operations", R"({"verb":"stop","service":"itms"})");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.message(), "there is no service 'itms'");
  EXPECT_EQ(served_.with([](FakeControl& control) { return control.events.count(); }), 0u);
}

TEST_F(Operations, GoOnWithoutTheirClient) {
  {
    RawClient client(served_.socket());
    client.send_request("POST /v1/operations", R"({"verb":"stop","service":"items"})");
    ASSERT_TRUE(client.read_until("accepted"));
  }
  served_.with([](FakeControl& control) {
    control.events.tell(event_of("items", "nobody hears"));
    control.answer({"done", "", "", 0});
  });
  EXPECT_EQ(ask(served_.socket(), "GET /v1/ping").status, 200);
}

}  // namespace
}  // namespace baton::admin
