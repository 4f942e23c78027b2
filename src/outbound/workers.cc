#include "outbound/workers.h"

#include <system_error>
#include <utility>

#include "base/log.h"
#include "outbound/targets.h"

namespace vestibule::outbound {
namespace {

/// How often marks are counted, in looks at the settings.
constexpr unsigned kLooksBetweenCounts = 10;
/// How often is looked for what is left of targets that are gone: every ten minutes or so.
constexpr unsigned kLooksBetweenForgetting = 1'200;

}  // namespace

Workers::Workers(const directory::Context& context, const WorkerOptions& options)
    : context_(context), options_(options) {
  thread_ = std::thread([this] { follow(); });
}

Workers::~Workers() { stop(); }

void Workers::wake() {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, worker] : workers_) worker->wake();
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  // All at once: each may take about a second.
  std::map<store::OutboundTargetNumber, std::unique_ptr<TargetWorker>> ending;
  {
    const std::lock_guard lock(mutex_);
    ending.swap(workers_);
  }
  for (const auto& [number, worker] : ending) worker->askToStop();
}

std::optional<std::vector<store::OutboundCount>> Workers::counts() {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Workers::follow() {
  for (unsigned look = 0;; ++look) {
    adjust();
    if (look % kLooksBetweenCounts == 0) count();
    if (look % kLooksBetweenForgetting == 0) forget();
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, options_.poll, [this] { return stopping_; })) return;
  }
}

/// Makes the threads those of the enabled targets, in their current versions.
void Workers::adjust() {
  const auto catalog = context_.catalog->current();
  std::map<store::OutboundTargetNumber, const store::OutboundTargetRow*> wanted;
  for (const auto& row : catalog->outboundTargets()) {
    if (row.text.enabled) wanted.emplace(row.number, &row);
  }
  std::vector<std::unique_ptr<TargetWorker>> ending;
  std::vector<const store::OutboundTargetRow*> missing;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = workers_.begin(); at != workers_.end();) {
      const auto found = wanted.find(at->first);
      const bool stays =
          found != wanted.end() && found->second->version == at->second->bound().row.version;
      if (!stays) ending.push_back(std::move(at->second));
      at = stays ? std::next(at) : workers_.erase(at);
    }
    for (const auto& [number, row] : wanted) {
      if (workers_.count(number) == 0) missing.push_back(row);
    }
  }
  for (const auto& worker : ending) worker->askToStop();
  ending.clear();
  for (const auto* row : missing) start(*row);
}

void Workers::start(const store::OutboundTargetRow& row) {
  const auto known = unusable_.find(row.number);
  if (known != unusable_.end() && known->second == row.version) return;
  auto target = compileStored(context_, row);
  if (!target) {
    unusable_[row.number] = row.version;
    logEvent(events::kOutboundTargetUnusable,
             {{"target", row.name}, {"reason", target.error().detail}});
    return;
  }
  unusable_.erase(row.number);
  const auto said = threadless_.find(row.number);
  const bool is_said = said != threadless_.end() && said->second == row.version;
  try {
    auto worker =
        std::make_unique<TargetWorker>(context_, BoundTarget{row, *std::move(target)}, options_);
    const std::lock_guard lock(mutex_);
    workers_[row.number] = std::move(worker);
    threadless_.erase(row.number);
  } catch (const std::system_error& error) {
    // Other threads end: it is tried again with each look at the settings.
    threadless_[row.number] = row.version;
    if (is_said) return;
    logEvent(events::kOutboundNoThread, {{"target", row.name}, {"reason", error.what()}});
  }
}

void Workers::forget() {
  if (auto forgotten = forgetRemovedTargets(context_); !forgotten) {
    logEvent(events::kOutboundNotForgotten, {{"reason", forgotten.error().internal}});
  }
}

void Workers::count() {
  auto& database = *context_.database;
  auto counted = context_.catalog->current()->outboundTargets().empty()
                     ? Result<std::vector<store::OutboundCount>>()
                     : database.read([&](store::Session& session) {
                         return store::countOutbound(session, database.controlSchema());
                       });
  const std::lock_guard lock(mutex_);
  counts_ = counted ? std::optional(*std::move(counted)) : std::nullopt;
}

}  // namespace vestibule::outbound
