// GET /v1/events and /v1/logs: what was, and what comes.
#include "tests/support/eventually.hpp"
#include "tests/unit/supervisor/admin/raw_client.hpp"
#include "tests/unit/supervisor/admin/served_control.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton::admin {
namespace {

Event event_of(const std::string& text) {
  Event event;
  event.text = text;
  return event;
}

LogLine line_of(const std::string& service, const std::string& text) {
  LogLine line;
  line.service = service;
  line.text = text;
  return line;
}

class Streams : public ::testing::Test {
 protected:
  std::vector<std::string> texts(const std::string& request, const char* kind) {
    std::vector<std::string> all;
    for (const auto& line : ask(served_.socket(), request).lines())
      all.push_back(line.at(kind).at("text"));
    return all;
  }

  std::size_t listeners() {
    return served_.with(
        [](FakeControl& control) { return control.events.count() + control.lines.count(); });
  }

  ServedControl served_;
};

using Texts = std::vector<std::string>;

TEST_F(Streams, EventsAreTheNewestOldestFirst) {
  served_.with([](FakeControl& control) {
    control.past_events = {event_of("a"), event_of("b"), event_of("c")};
  });
  EXPECT_EQ(texts("GET /v1/events", "event"), (Texts{"a", "b", "c"}));
  EXPECT_EQ(texts("GET /v1/events?n=2", "event"), (Texts{"b", "c"}));
  EXPECT_EQ(texts("GET /v1/events?n=0", "event"), Texts{});
  EXPECT_EQ(texts("GET /v1/events?follow=0&n=1", "event"), Texts{"c"});
}

TEST_F(Streams, AHundredLinesUnlessAsked) {
  served_.with([](FakeControl& control) {
    for (int i = 0; i < 150; ++i)
      control.past_lines.push_back(line_of("items", std::to_string(i)));
  });
  const auto newest = texts("GET /v1/logs", "line");
  ASSERT_EQ(newest.size(), 100u);
  EXPECT_EQ(newest.front(), "50");
  EXPECT_EQ(newest.back(), "149");
}

TEST_F(Streams, LogsOfOneServiceOrOfAll) {
  served_.with([](FakeControl& control) {
    control.past_lines = {line_of("items", "a"), line_of("mail", "b"), line_of("items", "c")};
  });
  EXPECT_EQ(texts("GET /v1/logs?service=items", "line"), (Texts{"a", "c"}));
  EXPECT_EQ(texts("GET /v1/logs?n=2&service=items", "line"), (Texts{"a", "c"}));
  EXPECT_EQ(texts("GET /v1/logs?service=nobody", "line"), Texts{});
  EXPECT_EQ(texts("GET /v1/logs", "line"), (Texts{"a", "b", "c"}));
}

TEST_F(Streams, EventsAreFollowedUntilTheClientGoes) {
  served_.with([](FakeControl& control) { control.past_events = {event_of("before")}; });
  {
    RawClient client(served_.socket());
    client.send_request("GET /v1/events?follow=1");
    ASSERT_TRUE(client.read_until("before"));
    served_.with([](FakeControl& control) { control.events.tell(event_of("live")); });
    EXPECT_TRUE(client.read_until("live"));
    EXPECT_EQ(listeners(), 1u);
  }
  EXPECT_TRUE(testing::eventually([this] { return listeners() == 0; }));
}

TEST_F(Streams, FollowedLogsAreOfTheServiceAskedFor) {
  RawClient client(served_.socket());
  client.send_request("GET /v1/logs?follow=1&service=items");
  ASSERT_TRUE(client.read_until("\r\n\r\n"));
  served_.with([](FakeControl& control) {
    control.lines.tell(line_of("mail", "not this one"));
    control.lines.tell(line_of("items", "this one"));
  });
  ASSERT_TRUE(client.read_until("this one"));
  EXPECT_EQ(client.seen().find("not this one"), std::string::npos);
}

TEST_F(Streams, WhatAClientSaysDuringAStreamIsReadAway) {
  RawClient client(served_.socket());
  client.send_request("GET /v1/events?follow=1");
  ASSERT_TRUE(client.read_until("\r\n\r\n"));
  client.send_request("POST /v1/shutdown");
  served_.with([](FakeControl& control) { control.events.tell(event_of("on it goes")); });
  EXPECT_TRUE(client.read_until("on it goes"));
  EXPECT_EQ(served_.with([](FakeControl& control) { return control.shutdowns; }), 0u);
}

}  // namespace
}  // namespace baton::admin
