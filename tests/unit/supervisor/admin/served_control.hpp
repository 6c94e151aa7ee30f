// The real admin server on a Unix socket in a private directory, in front of a FakeControl. It runs
// on a thread of its own, as batond does beside its clients. The destructor ends it.
#pragma once

#include "supervisor/admin/server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/supervisor/admin/fake_control.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <filesystem>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace baton::admin {

class ServedControl {
 public:
  ServedControl();
  ~ServedControl();
  ServedControl(const ServedControl&) = delete;
  ServedControl& operator=(const ServedControl&) = delete;

  std::filesystem::path socket() const { return dir_ / "control.sock"; }

  // Calls `use` with the control on the server's thread, and gives what it returns.
  template <class Use>
  auto with(Use use) {
    std::packaged_task<std::invoke_result_t<Use, FakeControl&>()> task(
        [this, &use] { return use(control_); });
    auto result = task.get_future();
    boost::asio::post(io_, std::move(task));
    return result.get();
  }

  // Ends the server as batond does in its last moment: its loop has returned, then last words.
  void finish();

 private:
  void stop_loop();

  testing::TempDir dir_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  FakeControl control_{io_};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace baton::admin
