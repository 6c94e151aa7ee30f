#include "supervisor/history/store.hpp"

#include "supervisor/history/database.hpp"
#include "supervisor/history/digest.hpp"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace baton::history {
namespace {

using admin::DeployRecord;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t most_waiting = 1000;
constexpr auto pause_after_trouble = std::chrono::seconds{5};

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<std::chrono::milliseconds>(now).count();
}

bool is_no_database(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_NOTADB || error.getErrorCode() == SQLITE_CORRUPT;
}

struct Waiting {
  DeployRecord record;
  std::string program;
};

}  // namespace

class Store::Writer {
 public:
  explicit Writer(Settings settings) : settings_(std::move(settings)) { open(); }
  ~Writer() {
    {
      const std::scoped_lock lock(mutex_);
      finished_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  std::vector<DeployRecord> read_past() {
    try {
      if (database_) return database_->recent("", settings_.keep);
    } catch (const std::exception& error) {
      say_trouble(error.what());
    }
    return {};
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void save(Waiting waiting) {
    {
      const std::scoped_lock lock(mutex_);
      const auto same = std::ranges::find(waiting_, waiting.record.id,
                                          [](const Waiting& each) { return each.record.id; });
      if (same != waiting_.end()) {
        *same = std::move(waiting);
      } else {
        waiting_.push_back(std::move(waiting));
      }
      if (waiting_.size() > most_waiting) waiting_.pop_front();
    }
    changed_.notify_one();
  }

  void ask(std::function<void()> question) {
    {
      const std::scoped_lock lock(mutex_);
      questions_.push_back(std::move(question));
    }
    changed_.notify_one();
  }

  template <class Value, class Read>
  void answer(const Callback<Value>& callback, Read read) {
    try {
      if (!database_) open();
      if (!database_)
        return callback(Error{Errc::system, "the history can't be read: " + trouble_});
      callback(read(*database_));
    } catch (const std::exception& error) {
      callback(Error{Errc::system, std::string("the history can't be read: ") + error.what()});
    }
  }

 private:
  // On the store's thread, but for the first time.
  void open() {
    ::mkdir(settings_.file.parent_path().c_str(), 0700);  // what goes wrong is said by the next
    try {
      database_.emplace(settings_.file);
    } catch (const SQLite::Exception& error) {
      if (!is_no_database(error)) return say_trouble(error.what());
      start_anew();
    } catch (const std::exception& error) {
      return say_trouble(error.what());
    }
    if (std::exchange(interrupted_closed_, true) || !database_) return;
    try {
      database_->close_interrupted(now_ms());
    } catch (const std::exception& error) {
      say_trouble(error.what());
    }
  }

  void start_anew() {
    const std::string aside = settings_.file.string() + ".corrupt-" + std::to_string(now_ms());
    std::error_code failed;
    std::filesystem::rename(settings_.file, aside, failed);
    if (failed)
      return say_trouble("it is no database, and can't be moved aside: " + failed.message());
    try {
      database_.emplace(settings_.file);
      settings_.on_news(News::trouble, "the history was no database; it was moved to " + aside +
                                           ", and a new one was begun");
    } catch (const std::exception& error) {
      say_trouble(error.what());
    }
  }

  void say_trouble(const std::string& why) {
    database_.reset();
    if (std::exchange(trouble_, why).empty()) {
      settings_.on_news(News::trouble,
                        "the history in " + settings_.file.string() + " can't be written (" + why +
                            "); deploys go on, and are remembered in memory until it can");
    }
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!finished_ || (!waiting_.empty() && trouble_.empty())) {
      const bool may_write = trouble_.empty() || SteadyClock::now() >= retry_at_;
      if (!questions_.empty()) {
        const auto question = std::move(questions_.front());
        questions_.pop_front();
        unlocked(lock, question);
      } else if (!waiting_.empty() && may_write) {
        Waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        bool written = false;
        unlocked(lock, [&] { written = write(next); });
        if (!written) put_back(std::move(next));
      } else if (!waiting_.empty()) {
        changed_.wait_until(lock, retry_at_);
      } else {
        changed_.wait(lock);
      }
    }
    if (finished_ && !waiting_.empty()) {  // a last attempt
      for (Waiting& each : waiting_)
        if (!write(each)) break;
    }
  }

  template <class Work>
  void unlocked(std::unique_lock<std::mutex>& lock, const Work& work) {
    lock.unlock();
    work();
    lock.lock();
  }

  // Unless there is a newer state of it by now.
  void put_back(Waiting waiting) {
    retry_at_ = SteadyClock::now() + pause_after_trouble;
    const bool newer = std::ranges::any_of(
        waiting_, [&](const Waiting& each) { return each.record.id == waiting.record.id; });
    if (!newer) waiting_.push_front(std::move(waiting));
  }

  bool write(Waiting& waiting) {
    add_digest(waiting);
    try {
      if (!database_) open();
      if (!database_) return false;
      database_->save(waiting.record);
      if (waiting.record.finished_ms != 0) database_->prune(settings_.keep);
      if (!std::exchange(trouble_, {}).empty())
        settings_.on_news(News::mended, "the history is written again");
      return true;
    } catch (const std::exception& error) {
      say_trouble(error.what());
      return false;
    }
  }

  // Read once a deploy, and not on the way to a cutover.
  void add_digest(Waiting& waiting) {
    if (waiting.program.empty() || !waiting.record.digest.empty()) return;
    auto [known, is_new] = digests_.try_emplace(waiting.record.id);
    if (is_new) {
      if (auto digest = programs_.of(waiting.program)) known->second = std::move(*digest);
    }
    waiting.record.digest = known->second;
    if (waiting.record.finished_ms != 0) digests_.erase(known);
  }

  Settings settings_;
  std::optional<Database> database_;
  std::string trouble_;  // empty: there is none
  bool interrupted_closed_ = false;
  ProgramDigests programs_;
  std::map<std::string, std::string> digests_;  // of the deploys that run
  SteadyClock::time_point retry_at_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::deque<std::function<void()>> questions_;
  bool finished_ = false;
  std::thread thread_;
};

Store::Store(Settings settings) : writer_(std::make_unique<Writer>(std::move(settings))) {
  past_ = writer_->read_past();
  writer_->start();
}

Store::~Store() = default;

std::vector<DeployRecord> Store::past(const std::string& service) const {
  std::vector<DeployRecord> records;
  std::ranges::copy_if(past_, std::back_inserter(records),
                       [&](const DeployRecord& each) { return each.service == service; });
  return records;
}

void Store::save(const DeployRecord& record, const std::string& program) {
  writer_->save({record, program});
}

void Store::recent(const std::string& service, std::size_t count,
                   Callback<std::vector<DeployRecord>> callback) {
  writer_->ask([writer = writer_.get(), service, count, callback = std::move(callback)] {
    writer->answer<std::vector<DeployRecord>>(
        callback, [&](Database& database) { return database.recent(service, count); });
  });
}

void Store::find(const std::string& id, Callback<DeployRecord> callback) {
  writer_->ask([writer = writer_.get(), id, callback = std::move(callback)] {
    writer->answer<DeployRecord>(callback, [&](Database& database) -> Result<DeployRecord> {
      auto found = database.find(id);
      if (found) return std::move(*found);
      return Error{Errc::not_found, "there is no deploy '" + id + "'; batonctl history lists them"};
    });
  });
}

}  // namespace baton::history
