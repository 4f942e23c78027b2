#include "directory/retention.h"

#include "base/log.h"
#include "store/audit_store.h"
#include "store/prompt_store.h"
#include "store/rows_removed.h"

namespace vestibule::directory {
namespace {

constexpr std::chrono::minutes kRounds{10};
/// Between two pieces: requests go first.
constexpr std::chrono::milliseconds kBreath{50};

Timestamp momentBefore(Timestamp now, std::chrono::hours age) {
  return now - std::chrono::duration_cast<std::chrono::microseconds>(age).count();
}

using Remove = Result<std::uint64_t> (*)(store::Session&, const std::string&, Timestamp);

/// Calls `remove` until it has nothing left to do.
Result<std::uint64_t> removeAll(store::Database& database, Remove remove, Timestamp moment,
                                const std::function<bool()>& go_on) {
  const std::string control = database.controlSchema();
  std::uint64_t all = 0;
  for (;;) {
    auto removed =
        database.write([&](store::Session& session) { return remove(session, control, moment); });
    if (!removed) return propagate(removed);
    all += *removed;
    if (*removed < store::kRowsRemovedAtOnce || !go_on()) return all;
  }
}

}  // namespace

Result<Removed> expire(store::Database& database, const RetentionOptions& options, Timestamp now,
                       const std::function<bool()>& go_on) {
  auto traces =
      removeAll(database, store::removeAuditTraces, momentBefore(now, options.traces), go_on);
  if (!traces) return propagate(traces);
  auto events =
      removeAll(database, store::removeAuditEvents, momentBefore(now, options.events), go_on);
  if (!events) return propagate(events);
  auto prompts =
      removeAll(database, store::removeOldPrompts, momentBefore(now, options.prompts), go_on);
  if (!prompts) return propagate(prompts);
  return Removed{*events, *traces, *prompts};
}

RetentionMetrics::RetentionMetrics(Metrics& metrics)
    : runs_(metrics.addCounter("vestibule_retention_runs_total",
                               "Rounds in which rows that are too old were looked for.",
                               {{"result", {"done", "failed"}}})),
      removed_(metrics.addCounter("vestibule_retention_removed_total",
                                  "Rows that were removed because they were too old.",
                                  {{"kind", {"audit_event", "audit_trace", "prompt"}}})) {}

void RetentionMetrics::ran(const Result<Removed>& removed) const {
  runs_.add(removed ? 0 : 1);
  if (!removed) return;
  removed_.add(0, removed->events);
  removed_.add(1, removed->traces);
  removed_.add(2, removed->prompts);
}

Retention::Retention(store::Database& database, RetentionOptions options,
                     const RetentionMetrics& metrics)
    : database_(database), options_(options), metrics_(metrics), thread_([this] { run(); }) {}

Retention::~Retention() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_signal_.notify_all();
  thread_.join();
}

bool Retention::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !stop_signal_.wait_for(lock, time, [this] { return stopping_; });
}

void Retention::run() {
  do {
    auto removed = expire(database_, options_, now(), [this] { return pause(kBreath); });
    metrics_.ran(removed);
    if (!removed) {
      logEvent(events::kRetentionFailed, {{"reason", removed.error().internal}});
    } else if (removed->events + removed->traces + removed->prompts > 0) {
      logEvent(events::kRetentionDone, {{"events", removed->events},
                                        {"traces", removed->traces},
                                        {"prompts", removed->prompts}});
    }
  } while (pause(kRounds));
}

}  // namespace vestibule::directory
