// The real batonctl program against the real admin server with a fake supervisor behind it.
#pragma once

#include "supervisor/ctl/exit_code.hpp"
#include "tests/support/child.hpp"
#include "tests/support/eventually.hpp"
#include "tests/unit/supervisor/admin/served_control.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace baton::ctl {

inline void PrintTo(ExitCode code, std::ostream* out) {
  *out << static_cast<int>(code);
}

class CtlTest : public ::testing::Test {
 protected:
  testing::Command command(std::vector<std::string> arguments) const {
    testing::Command command{{testing::program("batonctl"), "-s", served_.socket()},
                             {{"TZ", "UTC"}}};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    return command;
  }

  testing::Ran batonctl(std::vector<std::string> arguments) const {
    return testing::run(command(std::move(arguments)));
  }

  // What the supervisor answers to every operation, after these events.
  void answer_operations(const std::string& deploy_id, const admin::Answer& answer,
                         const std::vector<std::string>& events = {}) {
    served_.with([&](admin::FakeControl& control) {
      control.deploy_id = deploy_id;
      control.upon_operation = [&control, answer, events, deploy_id] {
        for (const std::string& text : events) {
          admin::Event event;
          event.service = control.operations.back().service;
          event.deploy = deploy_id;
          event.text = text;
          control.events.tell(event);
        }
        control.answer(answer);
      };
    });
  }

  void set_services(const std::vector<admin::ServiceStatus>& services) {
    served_.with([&](admin::FakeControl& control) {
      control.now = {"1.2.3", 4711, 5000, services};
    });
  }

  // True when the supervisor is asked as it should be.
  template <class Predicate>
  bool has_asked(Predicate predicate) {
    return testing::eventually([&] {
      return served_.with([&](const admin::FakeControl& control) { return predicate(control); });
    });
  }

  void refuse(Errc code, const std::string& message) {
    served_.with([&](admin::FakeControl& control) { control.refusal = Error{code, message}; });
  }

  admin::ServedControl served_;
};

inline void expect_ran(const testing::Ran& ran, ExitCode code, const std::string& out,
                       const std::string& err) {
  EXPECT_EQ(ran.exit_code, static_cast<int>(code));
  EXPECT_EQ(ran.out, out);
  EXPECT_EQ(ran.err, err);
}

}  // namespace baton::ctl
