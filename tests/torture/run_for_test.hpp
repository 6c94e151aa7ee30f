// What the strict client's own tests share: a run against a server, to its end.
#pragma once

#include "tests/torture/run.hpp"

#include <gtest/gtest.h>

namespace baton::torture {

inline Options requests(Mode mode, std::uint64_t number) {
  Options options;
  options.mode = mode;
  options.requests = number;
  options.timeout = std::chrono::seconds{20};
  options.name_prefix = "test";
  return options;
}

inline Report run_against(const net::Address& target, Options options) {
  options.target = target;
  Live live;
  Report report = run(options, live);
  EXPECT_EQ(report.sent, report.answered + report.lost_requests) << "each request is accounted for";
  EXPECT_EQ(live.answered, report.answered);
  return report;
}

}  // namespace baton::torture
