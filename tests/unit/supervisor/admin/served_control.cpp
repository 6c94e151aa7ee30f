#include "tests/unit/supervisor/admin/served_control.hpp"

#include "common/result.hpp"

namespace baton::admin {

ServedControl::ServedControl() : work_(io_.get_executor()) {
  auto server = Server::create(io_, socket(), control_);
  if (!server) throw Failure(server.error());
  server_ = std::move(*server);
  thread_ = std::thread([this] { io_.run(); });
}

ServedControl::~ServedControl() {
  stop_loop();
}

void ServedControl::finish() {
  stop_loop();
  server_->finish();
}

void ServedControl::stop_loop() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

}  // namespace baton::admin
