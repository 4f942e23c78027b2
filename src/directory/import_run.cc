#include "directory/import_run.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace vestibule::directory {
namespace {

constexpr std::uint64_t kBatchesPerRead = 1'000;

struct Batch {
  std::uint64_t number = 0;
  std::vector<scim::Record> records;
};

/// One run of a pass.
class Run {
 public:
  Run(const Context& context, const ImportPlan& plan) : context_(context), plan_(plan) {}

  Result<ImportProgress> run() {
    if (auto read = readStored(); !read) return propagate(read);
    std::vector<std::thread> threads;
    threads.reserve(plan_.jobs);
    for (unsigned i = 0; i < plan_.jobs; ++i) threads.emplace_back([this] { work(); });
    const bool ended = readBatches();
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      if (!ended) batches_.clear();
    }
    changed_.notify_all();
    for (auto& thread : threads) thread.join();
    if (error_) return tl::make_unexpected(*std::move(error_));
    progress_.finished = ended;
    return progress_;
  }

 private:
  /// What earlier runs have stored.
  Result<void> readStored() {
    if (!plan_.import_seq) return {};
    for (std::uint64_t from = 0;;) {
      auto batches = context_.database->read([&](store::Session& session) {
        return store::listImportedBatches(session, context_.database->controlSchema(),
                                          *plan_.import_seq, plan_.pass, from, kBatchesPerRead);
      });
      if (!batches) return propagate(batches);
      for (const auto& batch : *batches) {
        done_.insert(done_.end(), batch.batch);
        if (batch.counts.rejected > 0) progress_.with_rejected.insert(batch.batch);
        progress_.counts += batch.counts;
      }
      if (batches->size() < kBatchesPerRead) break;
      from = batches->back().batch + 1;
    }
    progress_.earlier = progress_.counts.all();
    return {};
  }

  [[nodiscard]] bool stopped() const { return plan_.stop != nullptr && plan_.stop->load(); }

  /// Hands the file out. False when it was stopped, or failed.
  bool readBatches() {
    for (std::uint64_t number = 0;; ++number) {
      if (stopped()) return false;
      auto records = plan_.read();
      if (!records) {
        fail(std::move(records.error()));
        return false;
      }
      if (records->empty()) return true;
      const bool is_left_out = plan_.left_out.contains(number);
      if (is_left_out || done_.contains(number)) {
        if (!plan_.on_passed_over) continue;
        for (const auto& record : *records) plan_.on_passed_over(record, is_left_out);
        continue;
      }
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return error_ || batches_.size() < 2 * std::size_t{plan_.jobs}; });
      if (error_) return false;
      batches_.push_back({number, *std::move(records)});
      lock.unlock();
      changed_.notify_all();
    }
  }

  std::optional<Batch> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return error_ || ended_ || !batches_.empty(); });
    if (error_ || batches_.empty()) return std::nullopt;
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return batch;
  }

  void work() {
    auto taker = plan_.taker();
    if (!taker) return fail(std::move(taker.error()));
    while (auto batch = next()) {
      std::vector<ImportLine> lines;
      lines.reserve(batch->records.size());
      for (auto& record : batch->records) {
        lines.push_back({record.line, plan_.decode(record)});
        record.fields.clear();
      }
      store::ImportBatchMark mark;
      mark.import_seq = plan_.import_seq.value_or(0);
      mark.pass = plan_.pass;
      mark.batch = batch->number;
      auto taken = (*taker)(std::move(lines), plan_.import_seq ? &mark : nullptr);
      if (!taken) return fail(std::move(taken.error()));
      const std::lock_guard lock(mutex_);
      progress_.counts += taken->counts;
      if (taken->counts.rejected > 0) progress_.with_rejected.insert(batch->number);
      progress_.ignored.merge(taken->ignored);
      if (plan_.stored) plan_.stored(progress_, batch->number, taken->report);
    }
  }

  void fail(Error error) {
    {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::move(error);
    }
    changed_.notify_all();
  }

  const Context& context_;
  const ImportPlan& plan_;
  std::set<std::uint64_t> done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  bool ended_ = false;
  std::optional<Error> error_;
  ImportProgress progress_;
};

}  // namespace

Result<ImportProgress> runImport(const Context& context, const ImportPlan& plan) {
  return Run(context, plan).run();
}

}  // namespace vestibule::directory
