// history, show: the deploys that the supervisor remembers.
#include "supervisor/ctl/follow.hpp"
#include "supervisor/ctl/session.hpp"
#include "supervisor/ctl/status_table.hpp"
#include "supervisor/ctl/table.hpp"
#include "supervisor/ctl/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

namespace baton::ctl {
namespace {

std::string format_milliseconds(std::int64_t milliseconds) {
  if (milliseconds < 10'000) return std::to_string(milliseconds) + "ms";
  return format_age(milliseconds);
}

std::string duration_of(const admin::DeployRecord& record) {
  return record.finished_ms == 0 ? "" : format_milliseconds(record.finished_ms - record.started_ms);
}

std::string format_history(const std::vector<admin::DeployRecord>& records) {
  if (records.empty()) return "no deploys are remembered\n";
  std::vector<std::vector<std::string>> rows{
      {"DEPLOY", "WHEN", "BY", "OUTCOME", "TOOK", "LOST", "RELEASE", "MESSAGE"}};
  for (const admin::DeployRecord& record : records) {
    rows.push_back({record.id, format_time(record.started_ms), record.by, record.outcome,
                    duration_of(record), std::to_string(record.account.cut_off), record.release,
                    record.message});
  }
  return format_table(rows);
}

void add_fact(std::string& text, const std::string& name, const std::string& value) {
  if (value.empty()) return;
  text += name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + value + "\n";
}

std::string format_record(const admin::DeployRecord& record) {
  std::string text;
  add_fact(
      text, "deploy",
      record.id + " (" + record.kind + ", generation " + std::to_string(record.generation) + ")");
  add_fact(text, "outcome", record.outcome);
  add_fact(text, "reason", record.reason);
  add_fact(text, "release", record.release);
  add_fact(text, "digest", record.digest);
  add_fact(text, "by", record.by);
  add_fact(text, "message", record.message);
  add_fact(text, "started", format_time(record.started_ms));
  add_fact(text, "took", duration_of(record));
  for (std::size_t i = 0; i < record.phases.size(); ++i) {
    const admin::PhaseTime& phase = record.phases[i];
    add_fact(text, i == 0 ? "phases" : "",
             "+" + format_milliseconds(phase.time_ms - record.started_ms) + "  " + phase.phase);
  }
  const admin::DeployAccount& account = record.account;
  add_fact(text, "account",
           std::to_string(account.finished) + " requests finished by those that left, " +
               std::to_string(account.handed_over) + " connections handed over, " +
               std::to_string(account.cut_off) + " requests cut off");
  for (const auto& [name, count] : account.kernel)
    add_fact(text, "kernel", name + " +" + std::to_string(count) + " on this host meanwhile");
  return text;
}

struct Wanted {
  std::string service;
  unsigned count = 20;
};

ExitCode show_history(Session& session, const Wanted& wanted) {
  std::string path = "/v1/history?n=" + std::to_string(wanted.count);
  if (!wanted.service.empty()) path += "&service=" + wanted.service;
  Json answer;
  if (const auto error = session.client().get(path, answer)) return session.fail(*error);
  std::vector<admin::DeployRecord> records;
  for (const Json& each : answer.value("deploys", Json::array())) {
    const auto record = admin::decode<admin::DeployRecord>(each);
    if (!record) return session.fail(record.error());
    records.push_back(*record);
  }
  if (session.output == Output::json) {
    session.out() << admin::document({{"deploys", records}}).dump(2) << "\n";
  } else {
    session.out() << format_history(records);
  }
  return ExitCode::done;
}

ExitCode show_deploy(Session& session, const std::string& id) {
  Json answer;
  if (const auto error = session.client().get("/v1/deploy?id=" + id, answer)) {
    return session.fail(*error);
  }
  const auto record = admin::decode<admin::DeployRecord>(answer);
  if (!record) return session.fail(record.error());
  if (session.output == Output::json) {
    session.out() << admin::document(*record).dump(2) << "\n";
  } else {
    session.out() << format_record(*record);
  }
  return ExitCode::done;
}

// It stands in a URL.
CLI::Validator plain_name() {
  return {[](const std::string& text) {
            const bool plain = text.find_first_not_of(
                                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789-_.") == text.npos;
            return plain ? std::string{} : "'" + text + "' is no such name";
          },
          ""};
}

}  // namespace

void add_history(CLI::App& app, Session& session) {
  auto* const history = app.add_subcommand("history", "Past deploys, the newest first");
  const auto wanted = std::make_shared<Wanted>();
  history->add_option("SERVICE", wanted->service, "Only of this service")->check(plain_name());
  history->add_option("-n", wanted->count, "How many")
      ->check(CLI::Range(1u, 10'000u))
      ->capture_default_str();
  history->callback([&session, wanted] {
    session.run = [&session, wanted] { return show_history(session, *wanted); };
  });

  auto* const show = app.add_subcommand("show", "All that is remembered of one deploy");
  const auto id = std::make_shared<std::string>();
  show->add_option("DEPLOY", *id, "The deploy: items-4")->required()->check(plain_name());
  show->callback(
      [&session, id] { session.run = [&session, id] { return show_deploy(session, *id); }; });
}

}  // namespace baton::ctl
