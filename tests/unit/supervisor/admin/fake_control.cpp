#include "tests/unit/supervisor/admin/fake_control.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace baton::admin {
namespace {

template <class T>
std::vector<T> newest(const std::vector<T>& all, std::size_t count) {
  return {all.end() - static_cast<std::ptrdiff_t>(std::min(count, all.size())), all.end()};
}

}  // namespace

void FakeControl::answer(const Answer& answer) {
  if (const auto callback = std::exchange(answer_, nullptr)) callback(answer);
}

void FakeControl::status(std::function<void(Status)> callback) {
  ++status_requests;
  boost::asio::post(io_, [this, callback = std::move(callback)] { callback(now); });
}

Result<std::string> FakeControl::operate(const Operation& operation, Peer who,
                                         std::function<void(Answer)> callback) {
  operations.push_back(operation);
  peer = who;
  if (refusal) return *refusal;
  answer_ = std::move(callback);
  if (upon_operation) boost::asio::post(io_, upon_operation);
  return deploy_id;
}

Result<DryRun> FakeControl::dry_run(const Operation& operation, Peer who) {
  operations.push_back(operation);
  peer = who;
  if (refusal) return *refusal;
  return plan;
}

void FakeControl::history(const std::string& service, std::size_t count,
                          std::function<void(Result<std::vector<DeployRecord>>)> callback) {
  boost::asio::post(io_, [this, service, count, callback = std::move(callback)] {
    if (no_history) return callback(*no_history);
    std::vector<DeployRecord> fitting;
    for (const DeployRecord& record : past) {
      const bool wanted = service.empty() || record.service == service;
      if (wanted && fitting.size() < count) fitting.push_back(record);
    }
    callback(std::move(fitting));
  });
}

void FakeControl::deploy_record(const std::string& id,
                                std::function<void(Result<DeployRecord>)> callback) {
  boost::asio::post(io_, [this, id, callback = std::move(callback)] {
    if (no_history) return callback(*no_history);
    const auto found = std::ranges::find(past, id, &DeployRecord::id);
    if (found == past.end()) return callback(Error{Errc::not_found, "there is no deploy " + id});
    callback(*found);
  });
}

Result<unsigned> FakeControl::signal(const std::string& service, int signal_number, Peer who) {
  signals.emplace_back(service, signal_number);
  peer = who;
  if (refusal) return *refusal;
  return signalled;
}

Result<void> FakeControl::reload(Peer who) {
  ++reloads;
  peer = who;
  if (refusal) return *refusal;
  return {};
}

void FakeControl::shutdown(Peer who) {
  ++shutdowns;
  peer = who;
}

std::vector<Event> FakeControl::recent_events(std::size_t count) const {
  return newest(past_events, count);
}

std::vector<LogLine> FakeControl::recent_lines(const std::string& service,
                                               std::size_t count) const {
  std::vector<LogLine> fitting;
  std::ranges::copy_if(past_lines, std::back_inserter(fitting), [&](const LogLine& line) {
    return service.empty() || line.service == service;
  });
  return newest(fitting, count);
}

std::unique_ptr<Subscription> FakeControl::on_event(std::function<void(const Event&)> callback) {
  return events.add(std::move(callback));
}

std::unique_ptr<Subscription> FakeControl::on_line(std::function<void(const LogLine&)> callback) {
  return lines.add(std::move(callback));
}

}  // namespace baton::admin
